import { LineProcess } from "./line_process.ts";
import { type PeerCommand, type PeerName, type PeerReply, peerReply } from "./peer_command.ts";

/** Where the peer finds the database and the gateway. */
export interface PeerPlace {
  databaseUrl: string;
  url: string;
  secretKey: string;
}

/** What a command took. */
export interface PeerMeasure extends PeerReply {
  /** Of the peer's process, user and system, in ms. */
  cpuMs: number;
}

/** A peer in a process of its own. */
export class PeerProcess implements AsyncDisposable {
  private constructor(private readonly process: LineProcess) {}

  static async start(name: PeerName, place: PeerPlace): Promise<PeerProcess> {
    const peer = new PeerProcess(new LineProcess("peer_host.ts", [name, JSON.stringify(place)]));
    await peer.#reply();
    return peer;
  }

  /** Has the peer do something, and returns what it took. */
  async measure(command: PeerCommand): Promise<PeerMeasure> {
    const before = await this.process.cpuMs();
    await this.process.write(JSON.stringify(command));
    const reply = await this.#reply();
    return { ...reply, cpuMs: await this.process.cpuMs() - before };
  }

  async #reply(): Promise<PeerReply> {
    return peerReply.parse(JSON.parse(await this.process.read()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}
