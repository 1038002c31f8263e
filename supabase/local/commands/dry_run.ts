// deno task dry-run: who would be called, who not, and why.
import { DRY_RUN_HELP } from "./dry_run/dry_run_help.ts";
import { parseDryRunOptions } from "./dry_run/dry_run_options.ts";
import { runDryRun } from "./dry_run/run_dry_run.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseDryRunOptions(Deno.args);
  if (options !== "help") return await runDryRun(options, openTerminal(options));
  console.log(DRY_RUN_HELP);
  return EXIT_CODE.ok;
});
