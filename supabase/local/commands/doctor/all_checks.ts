import type { Check } from "./check.ts";
import { appColumnsCheck } from "./checks/app_columns_check.ts";
import { callEndedCheck } from "./checks/call_ended_check.ts";
import { callingHoursCheck } from "./checks/calling_hours_check.ts";
import { clockCheck } from "./checks/clock_check.ts";
import { cronJobsCheck } from "./checks/cron_jobs_check.ts";
import { cronSecretCheck } from "./checks/cron_secret_check.ts";
import { extensionsCheck } from "./checks/extensions_check.ts";
import { functionCheck } from "./checks/function_check.ts";
import { grantsCheck } from "./checks/grants_check.ts";
import { migrationsCheck } from "./checks/migrations_check.ts";
import { omniAgentCheck } from "./checks/omni_agent_check.ts";
import { omniNumberCheck } from "./checks/omni_number_check.ts";
import { repliesCheck } from "./checks/replies_check.ts";
import { settingsCheck } from "./checks/settings_check.ts";
import { tickCheck } from "./checks/tick_check.ts";
import { variablesCheck } from "./checks/variables_check.ts";
import { vaultCheck } from "./checks/vault_check.ts";
import { webhookCheck } from "./checks/webhook_check.ts";

/** Every check, in the order in which a call depends on them. */
export const ALL_CHECKS: readonly Check[] = [
  variablesCheck,
  migrationsCheck,
  appColumnsCheck,
  extensionsCheck,
  vaultCheck,
  cronSecretCheck,
  cronJobsCheck,
  tickCheck,
  repliesCheck,
  clockCheck,
  functionCheck,
  callEndedCheck,
  omniAgentCheck,
  omniNumberCheck,
  webhookCheck,
  grantsCheck,
  callingHoursCheck,
  settingsCheck,
];
