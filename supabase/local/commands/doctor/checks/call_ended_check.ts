import type { Check } from "../check.ts";
import { knock, type KnockReply } from "../knock.ts";
import { verdict } from "../verdict.ts";

/** What call-ended answers to a stranger. */
interface Facts {
  stranger: KnockReply;
  /** Whether somebody is to report to it; null = not known. */
  isUsed: boolean | null;
}

const DEPLOY = "supabase functions deploy call-ended";

/** The deployed function call-ended, to which the ends of calls are reported. */
export const callEndedCheck: Check<Facts, "project"> = {
  name: "call-ended",
  needs: ["project"],
  async read({ project, variables }) {
    const { CALL_ENDED_SECRET, CALL_ENDED_AGENT_SECRET } = variables ?? {};
    return {
      stranger: await knock(`${project.url}/functions/v1/call-ended`),
      isUsed: variables === undefined
        ? null
        : (CALL_ENDED_SECRET ?? CALL_ENDED_AGENT_SECRET) !== undefined,
    };
  },
  judge({ stranger: { httpStatus, isOwnRefusal }, isUsed }) {
    if (isOwnRefusal) return [verdict.ok("The function answers, and lets no stranger in")];
    if (httpStatus === 404) {
      if (isUsed === false) {
        return [verdict.notChecked("not deployed, and nobody is to report to it")];
      }
      return [
        verdict.fault(
          `The function is not deployed, so that no end of a call is heard of: ${DEPLOY}`,
        ),
      ];
    }
    if (httpStatus === 401) {
      return [verdict.fault(
        "The platform's gateway refuses before the function is asked (HTTP 401): deploy it with this " +
          "project's config.toml, in which verify_jwt is false",
      )];
    }
    const answer = httpStatus === null
      ? "does not answer"
      : `answers a stranger with HTTP ${httpStatus}`;
    return [verdict.fault(`The function ${answer}: see its log, or ${DEPLOY}`)];
  },
};
