import type { Check } from "../check.ts";
import { type Verdict, verdict } from "../verdict.ts";

/** What Vault holds. */
interface Facts {
  /** No secret: the address of the project. */
  projectUrl: string | null;
  hasCronJobSecret: boolean;
  /** The project that is examined, if one is named. */
  examinedUrl: string | null;
}

/** The two secrets that start a run. */
export const vaultCheck: Check<Facts, "database"> = {
  name: "vault",
  needs: ["database"],
  async read({ database: sql, project }) {
    const [row] = await sql<{ url: string | null; has_secret: boolean }[]>`
      select
        max(stored.decrypted_secret) filter (where stored.name = 'project_url') as url,
        count(*) filter (
          where stored.name = 'cron_job_secret' and btrim(stored.decrypted_secret) <> ''
        ) > 0 as has_secret
      from vault.decrypted_secrets as stored`;
    return {
      projectUrl: row?.url?.trim() || null,
      hasCronJobSecret: row?.has_secret ?? false,
      examinedUrl: project?.url ?? null,
    };
  },
  judge({ projectUrl, hasCronJobSecret, examinedUrl }) {
    const faults = [
      ...(projectUrl === null ? [missing("project_url")] : faultsOfUrl(projectUrl, examinedUrl)),
      ...(hasCronJobSecret ? [] : [missing("cron_job_secret")]),
    ];
    return faults.length > 0
      ? faults
      : [verdict.ok(`Runs are sent to ${projectUrl}, with a secret`)];
  },
};

function missing(name: string): Verdict {
  return verdict.fault(
    `Vault has no secret ${name}, so that no run can be started: ` +
      `select vault.create_secret('<value>', '${name}')`,
  );
}

function faultsOfUrl(projectUrl: string, examinedUrl: string | null): Verdict[] {
  const url = URL.canParse(projectUrl) ? new URL(projectUrl) : null;
  if (
    url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== ""
  ) {
    return [verdict.fault(
      "The Vault secret project_url is not the address of a project, such as " +
        "https://abcd.supabase.co: change it in the dashboard under Integrations, Vault",
    )];
  }
  // From within a container this machine has another name.
  if (url.protocol === "http:" || examinedUrl === null) return [];
  if (url.origin === new URL(examinedUrl).origin) return [];
  return [verdict.fault(
    `The schedule sends its runs to ${url.origin}, and not to ${examinedUrl}: change the Vault secret ` +
      "project_url, or examine the project that belongs to this database",
  )];
}
