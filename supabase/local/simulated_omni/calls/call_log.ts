import type { EndedCall } from "./ended_call.ts";
import { errorReply } from "../replies/error_reply.ts";
import { jsonReply } from "../http/json_reply.ts";
import { logRow } from "./log_row.ts";
import type { OmniSettings } from "../omni_settings.ts";
import type { Reply } from "../http/reply.ts";

interface Entry {
  readonly id: number;
  readonly call: EndedCall;
  readonly copy: number;
}

/** The provider's call log: a row or more for each ended call, the call placed last on top. */
export class CallLog {
  readonly #settings: () => OmniSettings;
  readonly #agentId: number;
  #entries: Entry[] = [];
  #isSorted = true;

  constructor(settings: () => OmniSettings, agentId: number) {
    this.#settings = settings;
    this.#agentId = agentId;
  }

  /** Adds the rows that an ended call leaves. */
  add(call: EndedCall): void {
    const rows = this.#settings().logRowsOf(call);
    for (let copy = 0; copy < rows; copy++) {
      this.#entries.push({ id: call.callId + copy, call, copy });
    }
    // Long calls end after shorter ones that were placed later, and still stand below them.
    this.#isSorted = false;
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

  #matching(agentId: string | null, status: string | null): Entry[] {
    if (agentId !== null && Number(agentId) !== this.#agentId) return [];
    if (!this.#isSorted) this.#entries.sort((one, other) => other.id - one.id);
    this.#isSorted = true;
    if (status === null) return this.#entries;
    const wanted = status.toLowerCase().replace(/[- ]/g, "_");
    return this.#entries.filter((entry) => entry.call.status === wanted);
  }

  #envelope(entries: Entry[], total: number): Reply {
    const rows = entries.map((entry) => logRow(entry.call, entry.copy, this.#settings()));
    return jsonReply(200, { call_log_data: rows, total_records: total });
  }
}

function wholeNumber(text: string, least: number, most: number): number | null {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : null;
}
