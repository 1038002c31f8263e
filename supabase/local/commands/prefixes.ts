// deno task prefixes: which country and which time zones a phone number can be in, from the libraries.
import { EXIT_CODE } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import { PREFIXES_HELP } from "./prefixes/prefixes_help.ts";
import { runPrefixes } from "./prefixes/run_prefixes.ts";
import { runCommand } from "./run_command.ts";

const FLAGS = { switches: ["help", "check"], values: [] } as const;

await runCommand(async () => {
  const { help, check } = parseFlags(Deno.args, FLAGS);
  if (help) {
    console.log(PREFIXES_HELP);
    return EXIT_CODE.ok;
  }
  return await runPrefixes({ check });
});
