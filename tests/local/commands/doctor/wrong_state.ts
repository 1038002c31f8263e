import assert from "node:assert/strict";
import type { Check } from "../../../../supabase/local/commands/doctor/check.ts";
import { type Absent, examine } from "../../../../supabase/local/commands/doctor/examine.ts";
import type { Patient } from "../../../../supabase/local/commands/doctor/patient.ts";
import type { Verdict } from "../../../../supabase/local/commands/doctor/verdict.ts";

/** A state of `World` that doctor knows, how it comes about, and how it is mended. */
export interface WrongState<World> {
  name: string;
  check: Check;
  cause: (world: World) => Promise<unknown> | unknown;
  state: Verdict["state"];
  says: RegExp;
  /** Absent: it ends with the world. */
  remedy?: (world: World) => Promise<unknown> | unknown;
}

/** Makes one check and returns its verdicts, in one line each. */
export async function verdictsOf(
  check: Check,
  patient: Partial<Patient>,
  absent: Absent = {},
): Promise<string[]> {
  const findings = await examine(patient, absent, [check]);
  return findings.map(({ state, says }) => `${state}: ${says}`);
}

/** Brings the state about, has the check name it, mends it, and has the check say that all is well. */
export async function produce<World>(
  { check, cause, state, says, remedy }: WrongState<World>,
  world: World,
  patient: () => Partial<Patient>,
): Promise<void> {
  await cause(world);
  const verdicts = await verdictsOf(check, patient());
  const named = verdicts.filter((line) => line.startsWith(`${state}: `) && says.test(line));
  assert.equal(named.length, 1, verdicts.join("\n"));
  if (remedy === undefined) return;
  await remedy(world);
  const after = await verdictsOf(check, patient());
  assert.ok(after.every((line) => !/^(warning|fault): /.test(line)), after.join("\n"));
}
