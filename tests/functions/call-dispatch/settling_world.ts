import type { CallEvent } from "../../../supabase/functions/_shared/call_event.ts";
import {
  type LoggedCall,
  ROWS_A_PAGE,
} from "../../../supabase/functions/call-dispatch/call_log.ts";
import type {
  LogPageRequest,
  LogReply,
} from "../../../supabase/functions/call-dispatch/omni_client.ts";
import { settleCalls } from "../../../supabase/functions/call-dispatch/settle_calls.ts";
import type {
  AttemptToSettle,
  AttemptVerdict,
  KnownCall,
  Store,
} from "../../../supabase/functions/call-dispatch/store.ts";
import { stubStore } from "./stub_store.ts";

/** What there is to settle, and with what. */
export interface SettlingWorld {
  attempts?: AttemptToSettle[];
  /** Calls of ours. */
  known?: KnownCall[];
  /** The log, the newest first; or how Omni answers for a page. */
  log?: LoggedCall[] | ((page: LogPageRequest) => LogReply | Promise<LogReply>);
  store?: Partial<Store>;
  timeIsUp?: AbortSignal;
  now: number;
}

/** What was asked and written down. */
export interface SettlingResult {
  /** The numbers of the pages asked for. */
  pages: number[];
  /** The request ids asked for, a list each time. */
  askedIds: string[][];
  events: CallEvent[];
  /** By attempt. */
  verdicts: Map<string, AttemptVerdict>;
  /** How often verdicts were stored. */
  stored: number;
  asked: string[];
  failure: unknown;
}

/** One page of a log. */
export function pageOf(log: LoggedCall[], number: number): LogReply {
  const rows = log.slice((number - 1) * ROWS_A_PAGE, number * ROWS_A_PAGE);
  return { kind: "page", rows, received: rows.length, total: log.length };
}

/** Settles the calls of a small world. */
export async function settle(world: SettlingWorld): Promise<SettlingResult> {
  const { attempts = [], known = [], log = [], now } = world;
  const seen: SettlingResult = {
    pages: [],
    askedIds: [],
    events: [],
    verdicts: new Map(),
    stored: 0,
    asked: [],
    failure: null,
  };
  const { store, asked } = stubStore({
    attemptsToSettle: async () => attempts,
    knownCalls: async (ids) => {
      seen.askedIds.push(ids);
      return known.filter(({ requestId }) => ids.includes(requestId));
    },
    recordCallResult: async (event) => {
      seen.events.push(event);
      return "settled";
    },
    settleCallAttempts: async (verdicts) => {
      seen.stored += 1;
      for (const verdict of verdicts) seen.verdicts.set(verdict.attemptId, verdict);
      return verdicts.filter(({ verdict }) => verdict === "not_placed").length;
    },
    ...world.store,
  });
  seen.asked = asked;
  const readCallLog = async (page: LogPageRequest) => {
    seen.pages.push(page.number);
    return typeof log === "function" ? await log(page) : pageOf(log, page.number);
  };
  const timeIsUp = world.timeIsUp ?? new AbortController().signal;
  await settleCalls({ store, provider: { readCallLog }, agentId: 4711, timeIsUp, now: () => now })
    .catch((error) => seen.failure = error);
  return seen;
}
