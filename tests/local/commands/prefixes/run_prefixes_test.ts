import assert from "node:assert/strict";
import { join } from "node:path";
import { runPrefixes } from "../../../../supabase/local/commands/prefixes/run_prefixes.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("prefixes: the migration is what the libraries make", async () => {
  assert.equal(await runPrefixes({ check: true }), 0);
});

Deno.test("prefixes: --check fails for a file that is stale or missing and leaves it so", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "number_prefixes.sql");
  const generate = () => Promise.resolve("select 1;\n");
  assert.equal(await runPrefixes({ check: true, generate, file }), 1);
  await assert.rejects(Deno.stat(file));
  await Deno.writeTextFile(file, "select 2;\n");
  assert.equal(await runPrefixes({ check: true, generate, file }), 1);
  assert.equal(await Deno.readTextFile(file), "select 2;\n");
});

Deno.test("prefixes: a stale file is written anew, and then it is current", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "number_prefixes.sql");
  const generate = () => Promise.resolve("select 1;\n");
  assert.equal(await runPrefixes({ check: false, generate, file }), 0);
  assert.equal(await runPrefixes({ check: true, generate, file }), 0);
});
