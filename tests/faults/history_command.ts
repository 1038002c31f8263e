import fc from "fast-check";
import type { Moment } from "./hold_at.ts";
import { SPELLINGS } from "./spell_number.ts";
import { STORE_FUNCTIONS } from "./store_functions.ts";

/** How Omni answers one request; `lost` ones are those after which nobody can know. */
export type ScriptedReply =
  | "well"
  | "busy"
  | "refused"
  | "unauthorized"
  | "lost, rung"
  | "lost, not rung"
  | "rubbish, rung"
  | "server error, rung"
  | "server error, not rung"
  | "hangs, rung"
  | "hangs, not rung";

/** What a run meets. */
interface Prospect {
  /** So many leads that nobody has tried to call come in just before. */
  freshLeads: number;
  /** How the provider answers the first requests; then all is well. */
  replies: ScriptedReply[];
}

/** One thing that happens to a project. Leads and numbers are named by their place in the list. */
export type HistoryCommand =
  | { do: "insert lead"; number: number; spelling: number }
  | { do: "close lead"; lead: number }
  | { do: "change phone"; lead: number; number: number; spelling: number }
  | { do: "pause" }
  | { do: "resume" }
  | { do: "run"; omniIsAway: boolean } & Prospect
  | { do: "run twice at once" } & Prospect
  | { do: "kill in mid-run"; at: Moment } & Prospect
  | { do: "jump the clock in mid-run"; at: Moment; span: string } & Prospect
  | { do: "let time pass"; span: string };

/** How many numbers leads share. */
export const NUMBERS = 6;

/** Steps of a run that never comes without: that each is met is asked of every history. */
const STEPS = STORE_FUNCTIONS.filter((name) =>
  // The last of these is asked only when nothing but the lack of work ends the run.
  !["fail_follow_ups", "release_follow_ups", "claim_stop_reason"].includes(name)
);

const place = fc.nat({ max: 9 });
const number = fc.nat({ max: NUMBERS - 1 });
const spelling = fc.nat({ max: SPELLINGS - 1 });
const reply = fc.oneof(
  { weight: 6, arbitrary: fc.constant<ScriptedReply>("well") },
  {
    weight: 13,
    arbitrary: fc.constantFrom<ScriptedReply>(
      "busy",
      "refused",
      "unauthorized",
      "lost, rung",
      "lost, not rung",
      "rubbish, rung",
      "server error, rung",
      "server error, not rung",
    ),
  },
  // Each of these takes as long as a request may.
  { weight: 1, arbitrary: fc.constantFrom<ScriptedReply>("hangs, rung", "hangs, not rung") },
);
const prospect = {
  freshLeads: fc.integer({ min: 1, max: 4 }),
  replies: fc.array(reply, { maxLength: 4 }),
};

// The points around a call count for more than the others.
const at: fc.Arbitrary<Moment> = fc.record({
  functionName: fc.constantFrom(
    ...STEPS,
    ...Array.from({ length: 4 }, () => ["open_call_attempts", "record_dispatch_results"]).flat(),
  ),
  moment: fc.constantFrom("before", "after"),
});

function command<Name extends HistoryCommand["do"], Rest>(
  weight: number,
  name: Name,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) {
  return { weight, arbitrary: fc.record({ do: fc.constant(name), ...rest }) };
}

/** A short history: it begins with leads, and then anything may happen. */
export const history: fc.Arbitrary<HistoryCommand[]> = fc.tuple(
  fc.array(command(1, "insert lead", { number, spelling }).arbitrary, {
    minLength: 2,
    maxLength: 6,
  }),
  fc.array(
    fc.oneof(
      command(3, "insert lead", { number, spelling }),
      command(1, "close lead", { lead: place }),
      command(1, "change phone", { lead: place, number, spelling }),
      command(1, "pause", {}),
      command(2, "resume", {}),
      command(4, "run", { ...prospect, omniIsAway: fc.boolean() }),
      command(2, "run twice at once", prospect),
      command(4, "kill in mid-run", { ...prospect, at }),
      command(2, "jump the clock in mid-run", {
        ...prospect,
        at,
        span: fc.constantFrom("-5 minutes", "20 minutes", "1 day"),
      }),
      command(3, "let time pass", {
        span: fc.constantFrom("3 minutes", "20 minutes", "2 hours", "1 day"),
      }),
    ),
    { minLength: 4, maxLength: 14 },
  ),
).map(([leads, rest]) => [...leads, ...rest] as HistoryCommand[]);
