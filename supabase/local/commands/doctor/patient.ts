import type { Sql } from "../../postgres/connect.ts";
import type { ProjectAccess } from "../invoke/project_access.ts";
import type { OmniAccount } from "./omni/omni_account.ts";

/** What is examined. A part that there is no access to is left out. */
export interface Patient {
  /** As the role postgres or service_role. */
  database: Sql;
  /** Where the functions answer, and what lets us in. */
  project: ProjectAccess;
  /** Those of the functions, as far as they stand here. */
  variables: Record<string, string>;
  /** The valid values of CRON_JOB_SECRET; one, or two while one replaces the other. */
  cronJobSecrets: string[];
  omni: OmniAccount;
  /** The clock of this machine, Unix ms. */
  now: () => number;
}

/** A part of it. */
export type Part = keyof Patient;
