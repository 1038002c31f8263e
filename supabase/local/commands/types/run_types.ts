import { fileURLToPath } from "node:url";
import { EXIT_CODE } from "../exit_code.ts";
import { formatTypeScript } from "./format_typescript.ts";

const FILE = fileURLToPath(
  new URL("../../../functions/_shared/database.types.ts", import.meta.url),
);

/** What to do with the types. */
export interface RunTypesOptions {
  /** Only compare. */
  check: boolean;
  /** Makes the types of the database as it should be. */
  generate: () => Promise<string>;
  /** The file; default the function's. */
  file?: string;
}

/** Writes the file of types, or tells whether it is stale; returns the code to end with. */
export async function runTypes(
  { check, generate, file = FILE }: RunTypesOptions,
): Promise<number> {
  const generated = await generate();
  const current = await Deno.readTextFile(file).catch(() => "");
  // Formatted alike, because the formatters of two Deno versions need not agree.
  const isCurrent = current !== "" && await formatTypeScript(current) === generated;
  if (isCurrent) {
    console.log(`${file} is up to date`);
    return EXIT_CODE.ok;
  }
  if (check) {
    console.error(`${file} is stale: it is not what the migrations make. Run deno task types`);
    return EXIT_CODE.notOk;
  }
  await Deno.writeTextFile(file, generated);
  console.log(`Wrote ${file}`);
  return EXIT_CODE.ok;
}
