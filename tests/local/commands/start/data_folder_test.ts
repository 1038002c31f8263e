import assert from "node:assert/strict";
import { join } from "node:path";
import { claimDataFolder } from "../../../../supabase/local/commands/start/data_folder.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const simulated = { kind: "simulated", reset: false } as const;

Deno.test("claimDataFolder: live and simulated data lie apart", async () => {
  await using root = await temporaryFolder();
  await using one = await claimDataFolder({ root: root.path, ...simulated });
  await using other = await claimDataFolder({ root: root.path, kind: "live", reset: false });
  assert.notEqual(one.stackDirectory, other.stackDirectory);
  assert.notEqual(one.ledgerFile, other.ledgerFile);
});

Deno.test("claimDataFolder: a folder in use is refused, and not emptied", async () => {
  await using root = await temporaryFolder();
  await using folder = await claimDataFolder({ root: root.path, ...simulated });
  await Deno.writeTextFile(folder.ledgerFile, "kept");
  await assert.rejects(
    claimDataFolder({ root: root.path, kind: "simulated", reset: true }),
    new RegExp(`process ${Deno.pid} works on it`),
  );
  assert.equal(await Deno.readTextFile(folder.ledgerFile), "kept");
});

Deno.test("claimDataFolder: the claim of a process that is gone counts for nothing", async () => {
  await using root = await temporaryFolder();
  await Deno.mkdir(join(root.path, "simulated"));
  await Deno.writeTextFile(join(root.path, "simulated", "owner"), "2147483646 long ago");
  await using folder = await claimDataFolder({ root: root.path, ...simulated });
  assert.equal(folder.path, join(root.path, "simulated"));
});

Deno.test("claimDataFolder: reset leaves nothing of earlier starts", async () => {
  await using root = await temporaryFolder();
  await Deno.mkdir(join(root.path, "simulated", "stack", "cluster"), { recursive: true });
  await Deno.writeTextFile(join(root.path, "simulated", "rings.ndjson"), "{}\n");
  await using folder = await claimDataFolder({ root: root.path, kind: "simulated", reset: true });
  const left: string[] = [];
  for await (const { name } of Deno.readDir(folder.path)) left.push(name);
  assert.deepEqual(left, ["owner"]);
});
