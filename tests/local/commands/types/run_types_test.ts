import assert from "node:assert/strict";
import { join } from "node:path";
import { generateTypes } from "../../../../supabase/local/commands/types/generate_types.ts";
import { runTypes } from "../../../../supabase/local/commands/types/run_types.ts";
import { freshDatabase } from "../../../support/fresh_database.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("types: the function's file is what the migrations make", async () => {
  await using database = await freshDatabase();
  assert.equal(await runTypes({ check: true, generate: () => generateTypes(database.url) }), 0);
});

Deno.test("types: --check fails for a file that is stale or missing and leaves it so", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "database.types.ts");
  const generate = () => Promise.resolve("export type Json = string;\n");
  assert.equal(await runTypes({ check: true, generate, file }), 1);
  await assert.rejects(Deno.stat(file));
  await Deno.writeTextFile(file, "export type Json = number;\n");
  assert.equal(await runTypes({ check: true, generate, file }), 1);
  assert.equal(await Deno.readTextFile(file), "export type Json = number;\n");
});

Deno.test("types: a stale file is written anew, and then it is current", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "database.types.ts");
  const generate = () => Promise.resolve("export type Json = string;\n");
  assert.equal(await runTypes({ check: false, generate, file }), 0);
  assert.equal(await runTypes({ check: true, generate, file }), 0);
});
