import { secretsIn } from "../../../../functions/_shared/secrets.ts";
import { functionFaults } from "../../function_faults.ts";
import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** What the variables are like. */
interface Facts {
  faults: string[];
  hasCronJobSecret: boolean;
}

const REMEDY = "set it in .env, then supabase secrets set --env-file .env";

/** The functions' variables, by the functions' own checks. */
export const variablesCheck: Check<Facts, "variables"> = {
  name: "variables",
  needs: ["variables"],
  read: async ({ variables }) => ({
    faults: functionFaults(variables),
    hasCronJobSecret: secretsIn(variables.CRON_JOB_SECRET).length > 0,
  }),
  judge({ faults, hasCronJobSecret }) {
    const verdicts = faults.map((fault) => verdict.fault(`${fault}: ${REMEDY}`));
    if (!hasCronJobSecret) {
      verdicts.push(verdict.warning(
        "CRON_JOB_SECRET is not set: the function then lets in the project's own key alone, which the " +
          `schedule should not send; make one by openssl rand -hex 32, ${REMEDY}`,
      ));
    }
    if (verdicts.length > 0) return verdicts;
    return [verdict.ok("The functions' variables are complete and of the right form")];
  },
};
