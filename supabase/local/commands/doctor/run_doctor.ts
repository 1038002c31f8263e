import { EXIT_CODE } from "../exit_code.ts";
import { withDatabase } from "../operator/with_database.ts";
import { readEnvironment } from "../read_environment.ts";
import type { Terminal } from "../terminal.ts";
import type { DoctorOptions } from "./doctor_options.ts";
import { type Absent, examine, type Finding } from "./examine.ts";
import { findPatient } from "./find_patient.ts";
import type { Part, Patient } from "./patient.ts";
import { showFindings } from "./show_findings.ts";
import { verdict } from "./verdict.ts";

/** Examines what there is and tells; returns the code to end with. */
export async function runDoctor(options: DoctorOptions, terminal: Terminal): Promise<number> {
  const { databaseUrl, patient, absent } = await findPatient(options, await readEnvironment());
  if (patient.project) terminal.say(`Project ${patient.project.url}`);
  const findings = databaseUrl === null
    ? await examine(patient, absent)
    : await examineWithDatabase({ databaseUrl, terminal, patient, absent });
  showFindings(findings, terminal);
  terminal.result(findings);
  // "Nothing is wrong" must not be said by who has seen nothing.
  if (findings.every(({ state }) => state === "not_checked")) {
    terminal.warn(`Nothing could be looked at: ${remedies(patient, absent).join("; ")}`);
    return EXIT_CODE.usage;
  }
  const isWell = findings.every(({ state }) => state === "ok" || state === "not_checked");
  return isWell ? EXIT_CODE.ok : EXIT_CODE.notOk;
}

function remedies(patient: Partial<Patient>, absent: Absent): string[] {
  const parts: Part[] = ["database", "project", "variables"];
  return parts.flatMap((part) => patient[part] === undefined ? absent[part] ?? [] : []);
}

interface Examined {
  databaseUrl: string;
  terminal: Terminal;
  patient: Partial<Patient>;
  absent: Absent;
}

async function examineWithDatabase(
  { databaseUrl, terminal, patient, absent }: Examined,
): Promise<Finding[]> {
  try {
    return await withDatabase(
      { databaseUrl, terminal },
      (database) => examine({ ...patient, database }, absent),
    );
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    const others = await examine(patient, { ...absent, database: "the database is not to be had" });
    return [{ check: "database", ...verdict.fault(says) }, ...others];
  }
}
