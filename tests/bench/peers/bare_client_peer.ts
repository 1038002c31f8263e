import type { Peer, PeerJob, PeerJobs } from "./peer.ts";
import { phoneNumber } from "./phone_number.ts";

/** No queue at all, its jobs in memory: what the calls take by themselves. */
export function bareClientPeer(): Peer {
  const jobs: PeerJob[] = [];
  return {
    fill({ firstNumber, count }: PeerJobs, due) {
      for (let index = 0; due === "now" && index < count; index += 1) {
        jobs.push({ number: phoneNumber(firstNumber, index) });
      }
      return Promise.resolve();
    },
    async workOff(_count, { concurrency, task }) {
      const worker = async () => {
        for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) await task(job);
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
    },
    oneByOne: () => Promise.reject(new Error("Without a queue there is nothing to claim")),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
