// deno task adopt: what the migrations would do to a project that has leads and follow-ups already.
import { ADOPT_HELP } from "./adopt/adopt_help.ts";
import { parseAdoptOptions } from "./adopt/adopt_options.ts";
import { runAdopt } from "./adopt/run_adopt.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseAdoptOptions(Deno.args);
  if (options !== "help") return await runAdopt(options, openTerminal(options));
  console.log(ADOPT_HELP);
  return EXIT_CODE.ok;
});
