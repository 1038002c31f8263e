import { connect } from "../../../supabase/local/postgres/connect.ts";
import type { PeerJobs } from "./peer.ts";
import type { PeerProcess } from "./peer_process.ts";

/** Which system's queue it is, and where. */
export interface PeerQueueOptions {
  peer: PeerProcess;
  databaseUrl: string;
  /** The digits of the first number that it may have called, without the plus. */
  firstNumber: number;
}

// Never called, and so never read as numbers.
const FIRST_FUTURE_NUMBER = 14160000000;

/** The queue of one system, from the outside: what is put into it. */
export class PeerQueue {
  readonly #options: PeerQueueOptions;
  #nextNumber: number;
  #future = 0;

  constructor(options: PeerQueueOptions) {
    this.#options = options;
    this.#nextNumber = options.firstNumber;
  }

  /** Puts in jobs that are due now, with numbers that no job has had. */
  async fillNow(count: number): Promise<PeerJobs> {
    const jobs = { firstNumber: this.#nextNumber, count };
    this.#nextNumber += count;
    await this.#options.peer.measure({ do: "fill", ...jobs, due: "now" });
    return jobs;
  }

  /** Puts in jobs that are due in some years, until there are so many of them. */
  async fillFutureUpTo(total: number): Promise<void> {
    const { peer, databaseUrl } = this.#options;
    const count = total - this.#future;
    const firstNumber = FIRST_FUTURE_NUMBER + this.#future;
    await peer.measure({ do: "fill", firstNumber, count, due: "in_years" });
    this.#future = total;
    // As the database does by itself some minutes after so much has been written.
    const sql = connect(databaseUrl, { max: 1 });
    await sql`vacuum analyze`;
    await sql.end();
  }
}
