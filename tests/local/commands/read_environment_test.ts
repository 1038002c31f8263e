import assert from "node:assert/strict";
import { join } from "node:path";
import { readEnvironment } from "../../../supabase/local/commands/read_environment.ts";
import { temporaryFolder } from "./temporary_folder.ts";

Deno.test("readEnvironment: the process beats the file, and an empty value is none", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, ".env");
  await Deno.writeTextFile(file, "TEST_ENV_A=file\nTEST_ENV_B=\nTEST_ENV_C=file # why\n");
  Deno.env.set("TEST_ENV_A", "process");
  Deno.env.set("TEST_ENV_C", "");
  try {
    const { TEST_ENV_A, TEST_ENV_B, TEST_ENV_C } = await readEnvironment(file);
    assert.deepEqual([TEST_ENV_A, TEST_ENV_B, TEST_ENV_C], ["process", undefined, "file"]);
  } finally {
    Deno.env.delete("TEST_ENV_A");
    Deno.env.delete("TEST_ENV_C");
  }
});

Deno.test("readEnvironment: without a file there are only the process's variables", async () => {
  await using folder = await temporaryFolder();
  const environment = await readEnvironment(join(folder.path, ".env"));
  assert.equal(environment.PATH, Deno.env.get("PATH"));
});

Deno.test(".env.example: names every variable that a function reads, and sets none", async () => {
  const given = await Deno.readTextFile(new URL("../../../.env.example", import.meta.url));
  const files = ["call-dispatch/config.ts", "call-ended/config.ts", "_shared/call_ended_hook.ts"];
  for (const file of files) {
    const path = new URL(`../../../supabase/functions/${file}`, import.meta.url);
    const read = [...(await Deno.readTextFile(path)).matchAll(/^ +([A-Z]+_[A-Z_]+): /gm)];
    assert.ok(read.length > 0, file);
    for (const [, name = ""] of read) assert.match(given, new RegExp(`^${name}=$`, "m"));
  }
  assert.doesNotMatch(given, /^[A-Z_]+=.+$/m);
});
