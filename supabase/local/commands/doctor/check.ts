import type { Part, Patient } from "./patient.ts";
import type { Verdict } from "./verdict.ts";

/** One thing that must be right: what is so is read, and what that means is judged, apart. */
export interface Check<Facts = unknown, Needs extends Part = Part> {
  /** A word or two, for the reader. */
  name: string;
  /** Without these parts it is not made. */
  needs: readonly Needs[];
  /** Reads, and changes nothing; what it cannot read it throws. */
  read(patient: Pick<Patient, Needs> & Partial<Patient>): Promise<Facts>;
  /** Pure. One verdict or more. */
  judge(facts: Facts): Verdict[];
}
