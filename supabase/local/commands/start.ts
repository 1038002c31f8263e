// deno task start: the whole project on this machine, calling.
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { listenForInterruption } from "./start/interruption.ts";
import { runStart } from "./start/run_start.ts";
import { START_HELP } from "./start/start_help.ts";
import { parseStartOptions } from "./start/start_options.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseStartOptions(Deno.args);
  if (options.help) {
    console.log(START_HELP);
    return EXIT_CODE.ok;
  }
  const terminal = openTerminal(options);
  using interruption = listenForInterruption(() =>
    terminal.say("Stopping: what is under way is stored first. Ctrl-C again ends at once")
  );
  try {
    return await runStart(options, { terminal, interruption });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    terminal.warn(`Stopped: ${error instanceof Error ? error.message : error}`);
    return EXIT_CODE.interrupted;
  }
});
