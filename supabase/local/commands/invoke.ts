// deno task invoke: one run by hand, on any project.
import { EXIT_CODE } from "./exit_code.ts";
import { INVOKE_HELP } from "./invoke/invoke_help.ts";
import { parseInvokeOptions } from "./invoke/invoke_options.ts";
import { runInvoke } from "./invoke/run_invoke.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseInvokeOptions(Deno.args);
  if (!options.help) return await runInvoke(options, openTerminal(options));
  console.log(INVOKE_HELP);
  return EXIT_CODE.ok;
});
