import { invokeAndTell } from "../invoke/invoke_and_tell.ts";
import { findProject } from "../operator/find_project.ts";
import { readEnvironment } from "../read_environment.ts";
import type { Terminal } from "../terminal.ts";
import type { DryRunOptions } from "./dry_run_options.ts";

/** Tells who would be called; returns the code to end with. */
export async function runDryRun({ at, url }: DryRunOptions, terminal: Terminal): Promise<number> {
  const access = await findProject(url, await readEnvironment());
  terminal.say(`Project ${access.url}`);
  return await invokeAndTell(access, { dryRun: true, at, respondAsync: false }, terminal);
}
