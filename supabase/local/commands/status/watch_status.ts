import { setTimeout } from "node:timers/promises";
import { listenForInterruption } from "../start/interruption.ts";
import type { Status } from "./read_status.ts";

/** What is watched, and how. */
export interface WatchOptions {
  /** What has been shown already. */
  first: Status;
  everyMs: number;
  read: () => Promise<Status>;
  show: (read: Status) => void;
  /** Hears why a page could not be read; the next one is tried all the same. */
  onFailure: (message: string) => void;
}

/** Shows page after page until Ctrl-C or SIGTERM; returns what the last one told. */
export async function watchStatus(
  { first, everyMs, read, show, onFailure }: WatchOptions,
): Promise<Status> {
  using interruption = listenForInterruption(() => {});
  const { signal } = interruption;
  let last = first;
  while (await isTimeFor(everyMs, signal)) {
    try {
      last = await read();
      if (!signal.aborted) show(last);
    } catch (error) {
      onFailure(`Cannot read the status: ${error instanceof Error ? error.message : error}`);
    }
  }
  return last;
}

async function isTimeFor(everyMs: number, signal: AbortSignal): Promise<boolean> {
  // The one way in which it rejects is that it is interrupted.
  await setTimeout(everyMs, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}
