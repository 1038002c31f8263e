/** What a check comes to, in one line. */
export interface Verdict {
  /** `not_checked`: it could not be told; that is neither good nor bad. */
  state: "ok" | "warning" | "fault" | "not_checked";
  /** What is so and, where it is not good, what to do. No secret, no whole phone number. */
  says: string;
}

/** Makes each kind of verdict. */
export const verdict = {
  ok: (says: string): Verdict => ({ state: "ok", says }),
  warning: (says: string): Verdict => ({ state: "warning", says }),
  fault: (says: string): Verdict => ({ state: "fault", says }),
  notChecked: (says: string): Verdict => ({ state: "not_checked", says }),
};
