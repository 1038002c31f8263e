import assert from "node:assert/strict";
import { join } from "node:path";
import { readLeadsFile } from "../../../../supabase/local/commands/leads/read_leads_file.ts";
import { temporaryFolder } from "../temporary_folder.ts";

async function readBytes(bytes: Uint8Array) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "leads.csv");
  await Deno.writeFile(path, bytes);
  return await readLeadsFile(path);
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("readLeadsFile: a byte order mark is no part of the first column's name", async () => {
  const file = await readBytes(encoded("\uFEFFphone\r\n+12125550142\r\n"));
  assert.equal(file.header.positions.get("phone"), 0);
  assert.deepEqual(file.rows, [{ line: 2, lastLine: 2, fields: ["+12125550142"] }]);
  assert.equal(file.name, "leads.csv");
});

Deno.test("readLeadsFile: what cannot be used is refused with its reason", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [encoded(""), /It is empty/],
    [encoded("\n\n"), /It is empty/],
    [encoded('"phone\n1\n'), /first line opens a quote/],
    [encoded("name\nAnn\n"), /no column "phone"/],
    [Uint8Array.of(0x70, 0x68, 0x6f, 0x6e, 0x65, 0x0a, 0xfc), /not UTF-8/],
    [Uint8Array.of(0xff, 0xfe, 0x70, 0x00), /not UTF-8/],
  ];
  for (const [bytes, message] of cases) {
    await assert.rejects(readBytes(bytes), { name: "UsageError", message });
  }
});

Deno.test("readLeadsFile: a file that is not there, or is a folder", async () => {
  await using folder = await temporaryFolder();
  const missing = join(folder.path, "no.csv");
  await assert.rejects(readLeadsFile(missing), { name: "UsageError", message: /there is no such/ });
  await assert.rejects(readLeadsFile(folder.path), { name: "UsageError" });
});
