import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import type { Sql } from "../../postgres/connect.ts";
import { askLine } from "../ask_line.ts";
import { EXIT_CODE } from "../exit_code.ts";
import { LONG_ANSWERS_WITHIN_MS, withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import type { EraseOptions } from "./erase_options.ts";
import { erasePerson, type Erasure } from "./erase_person.ts";
import { findPerson, type Person } from "./find_person.ts";

/** Erases who is meant, after asking; returns the code to end with. */
export async function runErase(options: EraseOptions, terminal: Terminal): Promise<number> {
  const { databaseUrl } = options;
  const outcome = await withDatabase(
    { databaseUrl, terminal, answersWithinMs: LONG_ANSWERS_WITHIN_MS },
    (sql) => erase(sql, { ...options, terminal }),
  );
  if ("leads" in outcome) {
    terminal.result(outcome);
    return tell(outcome, terminal);
  }
  terminal.result({ erased: false, ...outcome });
  terminal.warn(
    outcome.why_not === "not confirmed"
      ? "Nothing was erased and no number stopped: it was not confirmed"
      : `No lead has the id "${options.subject}"`,
  );
  return EXIT_CODE.notOk;
}

/** Nothing was done, and why. */
interface LeftAlone {
  why_not: "not confirmed" | "no lead has this id";
}

async function erase(
  sql: Sql,
  { subject, yes, terminal }: EraseOptions & { terminal: Terminal },
): Promise<Erasure | LeftAlone> {
  const person = await findPerson(sql, subject);
  for (const { id } of person.alike) {
    terminal.warn(`Not meant, because its number cannot be read, though it ends alike: lead ${id}`);
  }
  if (!yes) {
    const foretold = await erasePerson(sql, person, { foretell: true });
    if (isNothing(foretold)) return { why_not: "no lead has this id" };
    if (!await isConfirmed(person, foretold)) return { why_not: "not confirmed" };
  }
  const erasure = await erasePerson(sql, person, { foretell: false });
  return isNothing(erasure) ? { why_not: "no lead has this id" } : erasure;
}

// A number is stopped also where nobody has it; of an id that nobody has, nothing is left to do.
function isNothing({ erased, why_not: _, ...counts }: Erasure): boolean {
  return erased && Object.values(counts).every((rows) => rows === 0);
}

async function isConfirmed({ number }: Person, foretold: Erasure): Promise<boolean> {
  const answer = await askLine(
    foretold.erased ? askToErase(number, foretold) : askToStop(number, foretold),
  );
  return answer === "yes";
}

function askToErase(number: string | null, foretold: Erasure): string {
  const who = number === null ? "the person of this lead" : maskNumber(number);
  return `About to erase ${who} for good: ${
    describe(foretold)
  }.\nType yes to go on, anything else to keep all: `;
}

function askToStop(number: string | null, { why_not, stopped_numbers }: Erasure): string {
  const whom = number === null
    ? count(stopped_numbers, "number") + " of this lead"
    : maskNumber(number);
  return `Nothing can be erased yet: ${why_not}.\nAbout to put ${whom} on the stop list for good all the ` +
    "same.\nType yes to go on, anything else to stop nothing: ";
}

function tell(erasure: Erasure, terminal: Terminal): number {
  const { erased, why_not, stopped_numbers } = erasure;
  if (!erased) {
    terminal.warn(`Not erased, but not called any more: ${why_not}`);
    return EXIT_CODE.notOk;
  }
  terminal.say(`Erased: ${describe(erasure)}.`);
  if (stopped_numbers === 0) {
    terminal.warn(
      "No number could be read, so none is on the stop list: give the number itself to stop it",
    );
  } else {
    terminal.say(`On the stop list, as a hash: ${count(stopped_numbers, "number")}.`);
  }
  return EXIT_CODE.ok;
}

function describe(erasure: Erasure): string {
  return [
    count(erasure.leads, "lead"),
    count(erasure.follow_ups, "follow-up"),
    count(erasure.call_pauses, "pause"),
    count(erasure.call_events, "report"),
    `what ${count(erasure.call_attempts, "call attempt")} told`,
  ].join(", ");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
