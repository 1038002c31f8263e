import { anyMatches } from "../../../../functions/_shared/secrets.ts";
import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** The comparison; the secrets themselves go no further. */
interface Facts {
  /** Null = Vault has none. */
  matches: boolean | null;
}

/** Whether the function lets in what the schedule sends. */
export const cronSecretCheck: Check<Facts, "database" | "cronJobSecrets"> = {
  name: "cron secret",
  needs: ["database", "cronJobSecrets"],
  async read({ database: sql, cronJobSecrets }) {
    // As start_dispatch_run sends it: the first of two.
    const [row] = await sql<{ sent: string }[]>`
      select btrim(split_part(stored.decrypted_secret, ',', 1)) as sent
      from vault.decrypted_secrets as stored
      where stored.name = 'cron_job_secret' and btrim(stored.decrypted_secret) <> ''`;
    return { matches: row === undefined ? null : anyMatches([row.sent], cronJobSecrets) };
  },
  judge({ matches }) {
    if (matches === null) return [verdict.notChecked("Vault has no secret cron_job_secret")];
    if (matches) return [verdict.ok("What the schedule sends is among CRON_JOB_SECRET's values")];
    return [verdict.fault(
      "The Vault secret cron_job_secret is not among the values of CRON_JOB_SECRET, so that every run of " +
        "the schedule is refused: make both the same, in Vault and by supabase secrets set",
    )];
  },
};
