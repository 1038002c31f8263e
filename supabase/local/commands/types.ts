// deno task types: the database's types, from the migrations.
import { EXIT_CODE } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import { runCommand } from "./run_command.ts";
import { generateTypes } from "./types/generate_types.ts";
import { runTypes } from "./types/run_types.ts";
import { TYPES_HELP } from "./types/types_help.ts";
import { withThrowawayDatabase } from "./types/with_throwaway_database.ts";

const FLAGS = { switches: ["help", "check"], values: [] } as const;

await runCommand(async () => {
  const { help, check } = parseFlags(Deno.args, FLAGS);
  if (help) {
    console.log(TYPES_HELP);
    return EXIT_CODE.ok;
  }
  // The server runs outside our process group and ends with our orderly end only.
  Deno.addSignalListener("SIGINT", () => Deno.exit(EXIT_CODE.interrupted));
  return await runTypes({ check, generate: () => withThrowawayDatabase(generateTypes) });
});
