// deno task why: why somebody is called, or not.
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";
import { runWhy } from "./why/run_why.ts";
import { WHY_HELP } from "./why/why_help.ts";
import { parseWhyOptions } from "./why/why_options.ts";

await runCommand(async () => {
  const options = parseWhyOptions(Deno.args);
  if (options !== "help") return await runWhy(options, openTerminal(options));
  console.log(WHY_HELP);
  return EXIT_CODE.ok;
});
