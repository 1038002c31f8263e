// deno task erase: forgets a person, and never calls them again.
import { ERASE_HELP } from "./erase/erase_help.ts";
import { parseEraseOptions } from "./erase/erase_options.ts";
import { runErase } from "./erase/run_erase.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseEraseOptions(Deno.args);
  if (options !== "help") return await runErase(options, openTerminal(options));
  console.log(ERASE_HELP);
  return EXIT_CODE.ok;
});
