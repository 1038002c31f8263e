import type { CallResult } from "../_shared/call_event.ts";

/** How many rows of Omni's call log are asked for at once. */
export const ROWS_A_PAGE = 50;

/** A call as Omni's log tells it. Null = absent, or not understood. */
export interface LoggedCall {
  /** Omni's id of the row, an integer as text. */
  callId: string;
  /** Omni's id of the request that placed it, an integer as text. */
  requestId: string | null;
  /** As it stands there, in any spelling. */
  toNumber: string | null;
  direction: "outbound" | "inbound" | "other" | null;
  /** Ms since 1970 on the log's own clock, whose time zone it does not state. */
  wallClockMs: number | null;
  outcome: CallResult | null;
  reportedStatus: string | null;
  durationSeconds: number | null;
  recordingUrl: string | null;
  extractedVariables: Record<string, unknown> | null;
  /** What it cost, in the account's currency; null = not told. */
  cost: number | null;
}

/** One page of the log. */
export interface LogPage {
  rows: LoggedCall[];
  /** How many rows it had, those that cannot be read included. */
  received: number;
  /** How many rows the whole log has; null = not told. */
  total: number | null;
}

/**
 * What has been read of the log, page by page, from the newest row on. Between two pages new rows may
 * come in, on top or, after a long call, further down: the rows below them move down and are read
 * twice, never missed, because every row that stood unread stays below what has been read. Only a row
 * that is taken out of the log could move another one up past the reader; Omni takes none out.
 */
export class CallLog {
  readonly #calls = new Map<string, LoggedCall>();
  #received = 0;
  #hasEnded = false;
  #isExhausted = false;
  #isReadable = true;

  /** Each call once, the newest first. */
  get calls(): LoggedCall[] {
    return [...this.#calls.values()];
  }

  /** The oldest row has been read, for certain. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last page was empty: asking for another is of no use, whatever the log says of its length. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** No row had to be left out. */
  get isReadable(): boolean {
    return this.#isReadable;
  }

  /** Takes the next page. */
  add({ rows, received, total }: LogPage): void {
    for (const row of rows) if (!this.#calls.has(row.callId)) this.#calls.set(row.callId, row);
    this.#received += received;
    this.#isReadable &&= rows.length === received;
    this.#isExhausted = received === 0;
    // A short page alone proves no end: Omni may give fewer rows a page than it is asked for. Nor does
    // the total: it may come to count the page.
    const isShort = received < ROWS_A_PAGE;
    this.#hasEnded = total === null ? received === 0 : isShort && this.#received >= total;
  }
}
