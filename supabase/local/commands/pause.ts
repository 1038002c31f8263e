// deno task pause: stops calls, all or some.
import { EXIT_CODE } from "./exit_code.ts";
import { PAUSE_HELP } from "./pause/pause_help.ts";
import { parsePauseOptions } from "./pause/pause_options.ts";
import { runPause } from "./pause/run_pause.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parsePauseOptions(Deno.args);
  if (!options.help) return await runPause(options, openTerminal(options));
  console.log(PAUSE_HELP);
  return EXIT_CODE.ok;
});
