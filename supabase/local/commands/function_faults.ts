import { BadConfiguration } from "../../functions/_shared/environment.ts";
import { readConfig } from "../../functions/call-dispatch/config.ts";
import { readConfig as readCallEndedConfig } from "../../functions/call-ended/config.ts";
import { PLATFORM_VARIABLES } from "./platform_variables.ts";

/** What the functions' own checks find wrong with these variables, each fault once, in words. */
export function functionFaults(variables: Record<string, string>): string[] {
  const given = { ...PLATFORM_VARIABLES, ...variables };
  const faults = [readConfig, readCallEndedConfig].flatMap((read) => faultsOf(() => read(given)));
  return [...new Set(faults)];
}

function faultsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof BadConfiguration) return error.faults;
    throw error;
  }
}
