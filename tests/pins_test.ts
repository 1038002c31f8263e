import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const MEMBERS = [
  "supabase/functions/_shared",
  "supabase/functions/call-dispatch",
  "supabase/functions/call-ended",
  "supabase/local",
  "tests",
];

Deno.test("pins: every package has one exact version, the same wherever it is used", async () => {
  const pinned = new Map<string, string>();
  for (const member of MEMBERS) {
    const file = fileURLToPath(new URL(`../${member}/deno.json`, import.meta.url));
    const { imports } = JSON.parse(await Deno.readTextFile(file));
    for (const [name, specifier] of Object.entries<string>(imports)) {
      assert.match(
        specifier,
        /^npm:(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+(-[\w.]+)?$/,
        `${member}: ${name}`,
      );
      assert.equal(pinned.get(name) ?? specifier, specifier, `${name} has two versions`);
      pinned.set(name, specifier);
    }
  }
  assert.ok(pinned.size > 5);
});
