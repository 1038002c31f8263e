// deno task status: how the engine is doing.
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { runStatus } from "./status/run_status.ts";
import { STATUS_HELP } from "./status/status_help.ts";
import { parseStatusOptions } from "./status/status_options.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseStatusOptions(Deno.args);
  if (options !== "help") return await runStatus(options, openTerminal(options));
  console.log(STATUS_HELP);
  return EXIT_CODE.ok;
});
