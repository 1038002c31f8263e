import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import type { Sql } from "../../postgres/connect.ts";
import { askLine } from "../ask_line.ts";
import { EXIT_CODE } from "../exit_code.ts";
import { withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import type { EraseOptions } from "./erase_options.ts";
import { erasePerson, type Erasure } from "./erase_person.ts";
import { findPerson, type Person } from "./find_person.ts";

/** Erases who is meant, after asking; returns the code to end with. */
export async function runErase(options: EraseOptions, terminal: Terminal): Promise<number> {
  const { databaseUrl } = options;
  const erasure = await withDatabase(
    { databaseUrl, terminal },
    (sql) => erase(sql, { ...options, terminal }),
  );
  terminal.result(erasure ?? { erased: false, why_not: "not confirmed" });
  if (erasure === null) {
    terminal.warn("Nothing was erased: it was not confirmed");
    return EXIT_CODE.notOk;
  }
  return tell(erasure, terminal);
}

async function erase(
  sql: Sql,
  { subject, yes, terminal }: EraseOptions & { terminal: Terminal },
): Promise<Erasure | null> {
  const person = await findPerson(sql, subject);
  for (const { id } of person.alike) {
    terminal.warn(`Not meant, because its number cannot be read, though it ends alike: lead ${id}`);
  }
  if (!yes) {
    const foretold = await erasePerson(sql, person, { foretell: true });
    if (foretold.erased && !await isConfirmed(person, foretold)) return null;
  }
  return await erasePerson(sql, person, { foretell: false });
}

async function isConfirmed({ number }: Person, foretold: Erasure): Promise<boolean> {
  const who = number === null ? "the person of this lead" : maskNumber(number);
  const answer = await askLine(
    `About to erase ${who} for good: ${
      describe(foretold)
    }.\nType yes to go on, anything else to keep all: `,
  );
  return answer === "yes";
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
