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
  | "hangs, rung"
  | "hangs, not rung";

/** One thing that happens to a project. Leads and numbers are named by their place in the list. */
export type HistoryCommand =
  | { do: "insert lead"; number: number; spelling: number }
  | { do: "close lead"; lead: number }
  | { do: "change phone"; lead: number; number: number; spelling: number }
  | { do: "pause" }
  | { do: "resume" }
  | { do: "script replies"; replies: ScriptedReply[] }
  | { do: "run"; omniIsAway: boolean }
  | { do: "run twice at once" }
  | { do: "kill in mid-run"; at: Moment }
  | { do: "jump the clock in mid-run"; at: Moment; span: string }
  | { do: "let time pass"; span: string };

/** How many numbers commands choose from. */
export const NUMBERS = 4;

const place = fc.nat({ max: 9 });
const number = fc.nat({ max: NUMBERS - 1 });
const spelling = fc.nat({ max: SPELLINGS - 1 });
const reply = fc.constantFrom<ScriptedReply>(
  "well",
  "well",
  "busy",
  "refused",
  "unauthorized",
  "lost, rung",
  "lost, not rung",
  "rubbish, rung",
  "server error, rung",
);

// The points around a call count for more than the others.
const at: fc.Arbitrary<Moment> = fc.record({
  functionName: fc.constantFrom(
    ...STORE_FUNCTIONS,
    ...Array.from({ length: 5 }, () => ["open_call_attempts", "record_dispatch_results"]).flat(),
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
      command(3, "script replies", {
        replies: fc.array(reply, { minLength: 1, maxLength: 5 }),
      }),
      command(4, "run", { omniIsAway: fc.boolean() }),
      command(2, "run twice at once", {}),
      command(4, "kill in mid-run", { at }),
      command(2, "jump the clock in mid-run", {
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
