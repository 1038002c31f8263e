import { findProject } from "../operator/find_project.ts";
import { readEnvironment } from "../read_environment.ts";
import type { Terminal } from "../terminal.ts";
import { invokeAndTell } from "./invoke_and_tell.ts";
import type { InvokeOptions } from "./invoke_options.ts";

/** Makes the run and tells what came of it; returns the code to end with. */
export async function runInvoke(options: InvokeOptions, terminal: Terminal): Promise<number> {
  const access = await findProject(options.url, await readEnvironment());
  terminal.say(`Project ${access.url}`);
  return await invokeAndTell(access, options, terminal);
}
