import type { LoggedCall } from "./call_log.ts";
import { calibrateLogClock, type LogClock } from "./log_clock.ts";
import type { AttemptToSettle, KnownCall } from "./store.ts";

/** What has been read of Omni's call log. */
export interface ReadLog {
  /** Each call once, the newest first. */
  readonly calls: readonly LoggedCall[];
  /** The oldest row has been read. */
  readonly hasEnded: boolean;
  /** No row had to be left out. */
  readonly isReadable: boolean;
}

/** A call that is not ours as far as is known, and that rang a number, or may have. */
export interface Stranger {
  call: LoggedCall;
  /** It did ring this number; false = the log may mean this number. */
  isSameNumber: boolean;
  /** Every moment at which it may have begun, in Unix ms; null = nothing is known of it. */
  moments: number[] | null;
}

/** Digits at the end that two spellings of one number have in common. */
const COMMON_DIGITS = 8;
const LAST_ROWS = 3;
/** So far is the westernmost zone from UTC; the easternmost is further, to the other side. */
const FURTHEST_WEST = 12 * 60 * 60_000;

/** What the rows that were read tell, with the calls of ours that are known among them. */
export class LogEvidence {
  readonly #calls: readonly LoggedCall[];
  readonly #clock: LogClock | null;
  readonly #strangers: (Stranger & { digits: string })[];
  /** When those of our calls that stand in the log were opened, in Unix ms. */
  readonly #openedAt: number[];

  /** `known` has the calls of ours by request id; a row that is missing there is taken for foreign. */
  constructor(readonly log: ReadLog, readonly known: ReadonlyMap<string, KnownCall>) {
    this.#calls = log.calls;
    const ours = this.#calls.flatMap((call) => {
      const openedAt = this.#knownAs(call)?.openedAt;
      return openedAt === undefined ? [] : [{ ...call, openedAt }];
    });
    this.#openedAt = ours.map(({ openedAt }) => openedAt);
    this.#clock = calibrateLogClock(
      ours.flatMap(({ wallClockMs, openedAt }) =>
        wallClockMs === null ? [] : [{ wallClockMs, openedAt }]
      ),
    );
    this.#strangers = this.#calls
      .filter((call) => call.direction !== "inbound" && this.#knownAs(call) === undefined)
      .map((call) => ({
        call,
        digits: digitsOf(call.toNumber),
        isSameNumber: false,
        moments: this.#momentsOf(call),
      }));
  }

  /** Whether the zone of the log's times is known. */
  get isCalibrated(): boolean {
    return this.#clock !== null;
  }

  /** The rows of this attempt's request. */
  callsOf({ attemptId, requestId }: AttemptToSettle): LoggedCall[] {
    return this.#calls.filter((call) =>
      call.requestId !== null &&
      (call.requestId === requestId || this.#knownAs(call)?.attemptId === attemptId)
    );
  }

  /** The calls to this number, and those that may have been to it, whenever they were. */
  strangersTo(number: string): Stranger[] {
    const wanted = digitsOf(number);
    return this.#strangers
      .filter(({ digits }) =>
        digits.length < COMMON_DIGITS ||
        digits.slice(-COMMON_DIGITS) === wanted.slice(-COMMON_DIGITS)
      )
      .map((stranger) => ({ ...stranger, isSameNumber: stranger.digits === wanted }));
  }

  /**
   * Whether every call that began at this moment (Unix ms) or later has been read, as far as it is in
   * the log. By what the newest-first order goes is not documented: the last rows must have ended
   * before that moment, which holds whether it goes by the beginning or by the end. More than one row,
   * because a single one may be misdated.
   */
  reachesBackTo(moment: number): boolean {
    return this.#hasReadBackTo(moment, (call) => {
      const moments = this.#momentsOf(call);
      return moments === null ? null : Math.max(...moments);
    });
  }

  /** The same, whatever zone the log's clock is in. */
  reachesInAnyZoneBackTo(moment: number): boolean {
    return this.#hasReadBackTo(
      moment,
      ({ wallClockMs }) => wallClockMs === null ? null : wallClockMs + FURTHEST_WEST,
    );
  }

  /** A call of ours that was opened then (Unix ms) or later stands in the log. */
  hasOursFrom(moment: number): boolean {
    return this.#openedAt.some((openedAt) => openedAt >= moment);
  }

  /** A call of ours that was opened then (Unix ms) or earlier stands in the log. */
  hasOursUntil(moment: number): boolean {
    return this.#openedAt.some((openedAt) => openedAt <= moment);
  }

  /** `latestStart`: when a call began at the latest, in Unix ms; null = nothing is known of it. */
  #hasReadBackTo(moment: number, latestStart: (call: LoggedCall) => number | null): boolean {
    if (this.log.hasEnded) return true;
    const last = this.#calls.slice(-LAST_ROWS);
    return last.length === LAST_ROWS && last.every((call) => {
      const start = latestStart(call);
      return start !== null && start + (call.durationSeconds ?? 0) * 1_000 < moment;
    });
  }

  #knownAs(call: LoggedCall): KnownCall | undefined {
    return call.requestId === null ? undefined : this.known.get(call.requestId);
  }

  #momentsOf({ wallClockMs }: LoggedCall): number[] | null {
    return wallClockMs === null ? null : this.#clock?.momentsOf(wallClockMs) ?? null;
  }
}

// The log may drop the plus sign, and group the digits.
function digitsOf(number: string | null): string {
  return (number ?? "").replaceAll(/\D/g, "");
}
