/** One job of a peer: the phone number to be called. */
export interface PeerJob {
  /** E.164. */
  number: string;
}

/** What is done for each job. */
export type PeerTask = (job: PeerJob) => Promise<void>;

/** So many jobs with numbers in a row, from the first one on. */
export interface PeerJobs {
  /** The digits of the first number, without the plus. */
  firstNumber: number;
  count: number;
}

/** A queue that is measured, in a process of its own. */
export interface Peer extends AsyncDisposable {
  /** Puts jobs into the queue that are due now, or in some years. */
  fill(jobs: PeerJobs, due: "now" | "in_years"): Promise<void>;
  /**
   * Works off `count` jobs, so many at once, the way that suits the queue best; resolves when the last
   * one is done and stored as done.
   */
  workOff(count: number, options: { concurrency: number; task: PeerTask }): Promise<void>;
  /** Claims and completes `count` jobs, one after the other; returns how long each claim took, in ms. */
  oneByOne(count: number): Promise<number[]>;
}
