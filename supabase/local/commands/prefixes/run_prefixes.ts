import { fileURLToPath } from "node:url";
import { EXIT_CODE } from "../exit_code.ts";
import { prefixRows } from "./prefix_rows.ts";
import { prefixesMigration } from "./prefixes_migration.ts";

const FILE = fileURLToPath(
  new URL("../../../migrations/20261122110000_number_prefixes.sql", import.meta.url),
);

/** What to do with the migration. */
export interface RunPrefixesOptions {
  /** Only compare. */
  check: boolean;
  /** Makes the migration as it should be; default from the libraries. */
  generate?: () => Promise<string>;
  /** The file; default the project's. */
  file?: string;
}

/** Writes the migration, or tells whether it is stale; returns the code to end with. */
export async function runPrefixes(
  { check, generate = generatePrefixes, file = FILE }: RunPrefixesOptions,
): Promise<number> {
  const generated = await generate();
  const current = await Deno.readTextFile(file).catch(() => "");
  if (current === generated) {
    console.log(`${file} is up to date`);
    return EXIT_CODE.ok;
  }
  if (check) {
    console.error(`${file} is stale: it is not what the libraries make. Run deno task prefixes`);
    return EXIT_CODE.notOk;
  }
  await Deno.writeTextFile(file, generated);
  console.log(`Wrote ${file}`);
  return EXIT_CODE.ok;
}

async function generatePrefixes(): Promise<string> {
  return prefixesMigration(await prefixRows());
}
