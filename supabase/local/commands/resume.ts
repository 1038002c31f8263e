// deno task resume: lets calls go on.
import { EXIT_CODE } from "./exit_code.ts";
import { RESUME_HELP } from "./pause/resume_help.ts";
import { parseResumeOptions } from "./pause/resume_options.ts";
import { runResume } from "./pause/run_resume.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseResumeOptions(Deno.args);
  if (!options.help) return await runResume(options, openTerminal(options));
  console.log(RESUME_HELP);
  return EXIT_CODE.ok;
});
