import type { CallRecord } from "./call_record.ts";
import { drawFromSpan } from "../span.ts";
import { errorReply } from "../replies/error_reply.ts";
import { jsonReply } from "../http/json_reply.ts";
import { logRow } from "./log_row.ts";
import type { OmniSettings } from "../omni_settings.ts";
import type { Reply } from "../http/reply.ts";
import type { WakeUps } from "../wake_ups.ts";
import { wholeNumber } from "../whole_number.ts";

interface Entry {
  readonly id: number;
  readonly call: CallRecord;
  readonly copy: number;
}

interface CallLogOptions {
  readonly settings: () => OmniSettings;
  readonly agentId: number;
  /** Not the one that calls are drawn with: when calls end must not change how others end. */
  readonly random: () => number;
  readonly wakeUps: WakeUps;
}

/** The provider's call log: a row or more for each ended call, the call placed last on top. */
export class CallLog {
  readonly #options: CallLogOptions;
  #entries: Entry[] = [];
  #isSorted = true;

  constructor(options: CallLogOptions) {
    this.#options = options;
  }

  /** Adds the rows that an ended call leaves: before anyone can ask, unless the log is late. */
  add(call: CallRecord): void {
    const { settings, random, wakeUps } = this.#options;
    const { logDelayMs, timeFactor } = settings();
    const delayMs = drawFromSpan(logDelayMs, random) / timeFactor;
    wakeUps.until(performance.now() + delayMs).then((isOnTime) => isOnTime && this.#enter(call));
  }

  /** Answers `GET /calls/logs`. */
  page(query: URLSearchParams): Reply {
    const pageNumber = wholeNumber(query.get("pageno") ?? "1", 1, Infinity);
    const pageSize = wholeNumber(query.get("pagesize") ?? "30", 1, 150);
    if (pageNumber === null) return errorReply(400, "pageno must be a whole number from 1");
    if (pageSize === null) return errorReply(400, "pagesize must be a whole number from 1 to 150");
    const matching = this.#matching(query.get("agentid"), query.get("call_status"));
    const first = (pageNumber - 1) * pageSize;
    return this.#envelope(matching.slice(first, first + pageSize), matching.length);
  }

  /** Answers `GET /calls/logs/{id}`: an unknown id is an empty envelope. */
  row(id: number): Reply {
    const found = this.#entries.filter((entry) => entry.id === id);
    return this.#envelope(found, found.length);
  }

  #enter(call: CallRecord): void {
    const rows = this.#options.settings().logRowsOf(call);
    for (let copy = 0; copy < rows; copy++) {
      this.#entries.push({ id: call.callId + copy, call, copy });
    }
    // Long calls end after shorter ones that were placed later, and still stand below them.
    this.#isSorted = false;
  }

  #matching(agentId: string | null, status: string | null): Entry[] {
    if (agentId !== null && Number(agentId) !== this.#options.agentId) return [];
    if (!this.#isSorted) this.#entries.sort(laterFirst);
    this.#isSorted = true;
    if (status === null) return this.#entries;
    const wanted = status.toLowerCase().replace(/[- ]/g, "_");
    return this.#entries.filter((entry) => entry.call.status === wanted);
  }

  #envelope(entries: Entry[], total: number): Reply {
    const rows = entries.map((entry) => logRow(entry.call, entry.copy, this.#options.settings()));
    return jsonReply(200, { call_log_data: rows, total_records: total });
  }
}

function laterFirst(one: Entry, other: Entry): number {
  return other.call.startedAtMs - one.call.startedAtMs || other.id - one.id;
}
