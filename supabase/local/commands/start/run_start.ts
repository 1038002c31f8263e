import { EXIT_CODE } from "../exit_code.ts";
import { type LeadsFile, readLeadsFile } from "../leads/read_leads_file.ts";
import { readEnvironment } from "../read_environment.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";
import { claimDataFolder } from "./data_folder.ts";
import type { Interruption } from "./interruption.ts";
import { liveProvider } from "./live_provider.ts";
import { Session } from "./session.ts";
import type { StartOptions } from "./start_options.ts";
import { startProject } from "./start_project.ts";
import { startSimulatedProvider } from "./start_simulated_provider.ts";

const PASSED_ON = ["DISPATCH_CONCURRENCY", "DISPATCH_TIME_BUDGET_MS", "OMNI_TIMEOUT_MS"];

/** Starts everything, runs the session, ends everything; returns the code to end with. */
export async function runStart(
  options: StartOptions,
  { terminal, interruption }: { terminal: Terminal; interruption: Interruption },
): Promise<number> {
  const variables = await readEnvironment();
  const live = options.live ? liveProvider(variables) : null;
  if (live && !options.yes && !Deno.stdin.isTerminal()) {
    throw new UsageError("Cannot ask before calling for real without a terminal: add --yes");
  }
  const leads: LeadsFile | null = options.leads === null
    ? null
    : await readLeadsFile(options.leads);
  await using folder = await claimDataFolder({
    root: options.data,
    kind: live ? "live" : "simulated",
    reset: options.reset,
  });
  await using provider = live ?? await startSimulatedProvider(folder.ledgerFile);
  await using project = await startProject({
    dataDirectory: folder.stackDirectory,
    env: { ...functionSettings(variables, options), ...provider.env },
    onProgress: (message) => terminal.progress(`${message} …`),
    onLog: (name, line) => showLogLine(`${name}: ${line}`, terminal),
  });
  if (interruption.signal.aborted) return EXIT_CODE.interrupted;
  return await new Session({
    ...options,
    project,
    provider,
    terminal,
    leads,
    stopped: interruption.signal,
  }).run();
}

function functionSettings(variables: Record<string, string>, { once }: StartOptions) {
  const given = Object.entries(variables).filter(([name]) => PASSED_ON.includes(name));
  return {
    // No next tick comes to go on where a single run stops.
    ...(once ? { DISPATCH_TIME_BUDGET_MS: "300000" } : {}),
    ...Object.fromEntries(given),
  };
}

// The line of each run is shown as a table.
function showLogLine(line: string, terminal: Terminal): void {
  if (!line.startsWith('call-dispatch: {"event":"dispatch_run"')) terminal.say(line);
}
