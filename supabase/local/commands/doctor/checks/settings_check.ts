import type { Check } from "../check.ts";
import { contradictions } from "../contradictions.ts";
import { readSettings, type Settings } from "../read_settings.ts";
import { verdict } from "../verdict.ts";

/** What the operator has set, and what Omni says that bears on it. */
interface Facts {
  settings: Settings;
  /** Seconds; null = not told. */
  longestCallAtOmni: number | null;
}

/** That the settings do not contradict each other. */
export const settingsCheck: Check<Facts, "database"> = {
  name: "settings",
  needs: ["database"],
  async read({ database, omni }) {
    const agent = await omni?.readAgent();
    return {
      settings: await readSettings(database),
      longestCallAtOmni: agent?.kind === "agent" ? agent.longestCallSeconds : null,
    };
  },
  judge({ settings, longestCallAtOmni }) {
    const verdicts = contradictions(settings).map((says) => verdict.warning(says));
    if (longestCallAtOmni !== null && longestCallAtOmni > settings.longest_call) {
      verdicts.unshift(verdict.fault(
        `The agent may talk for ${longestCallAtOmni} s, and longest_call is ${settings.longest_call} s: a ` +
          "number may be called again while its call goes on: set longest_call higher",
      ));
    }
    return verdicts.length > 0
      ? verdicts
      : [verdict.ok("The settings do not contradict each other")];
  },
};
