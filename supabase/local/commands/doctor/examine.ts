import { PostgresError } from "../../postgres/connect.ts";
import { printable } from "../printable.ts";
import { ALL_CHECKS } from "./all_checks.ts";
import type { Check } from "./check.ts";
import type { Part, Patient } from "./patient.ts";
import { type Verdict, verdict } from "./verdict.ts";

/** One line of the list. */
export interface Finding extends Verdict {
  check: string;
}

/** Why a part is not there. */
export type Absent = Partial<Record<Part, string>>;

// A schema, a table, a column or a function that is not there.
const NOT_THERE = new Set(["3F000", "42P01", "42703", "42883"]);
const NO_RIGHT = "42501";
const LONGEST_LINE = 400;

/** Makes the checks one after the other; what one of them meets does not keep the others from it. */
export async function examine(
  patient: Partial<Patient>,
  absent: Absent,
  checks: readonly Check[] = ALL_CHECKS,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    for (const { state, says } of await verdictsOf(check, patient, absent)) {
      findings.push({ check: check.name, state, says: printable(says, LONGEST_LINE) });
    }
  }
  return findings;
}

async function verdictsOf(
  check: Check,
  patient: Partial<Patient>,
  absent: Absent,
): Promise<Verdict[]> {
  const missing = check.needs.find((part) => patient[part] === undefined);
  if (missing !== undefined) return [verdict.notChecked(absent[missing] ?? `no ${missing}`)];
  try {
    return check.judge(await check.read(patient as Patient));
  } catch (error) {
    return [verdictOfFailure(error)];
  }
}

function verdictOfFailure(error: unknown): Verdict {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof PostgresError ? error.code : "";
  if (NOT_THERE.has(code)) return verdict.notChecked(`what it looks at is not there: ${message}`);
  if (code === NO_RIGHT) return verdict.notChecked(`this role may not look: ${message}`);
  return verdict.fault(`Cannot look: ${message}`);
}
