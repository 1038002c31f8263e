// What the commands do when nobody reads what they print.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const COMMANDS = fileURLToPath(new URL("../../../supabase/local/commands/", import.meta.url));

Deno.test({
  name: "commands: when whoever reads the output has gone, they end without a word",
  ignore: Deno.build.os === "windows",
  async fn() {
    const env = { SUPABASE_URL: "http://127.0.0.1:1", CRON_JOB_SECRET: "secret" };
    for (const name of ["doctor", "dry_run"]) {
      const { stderr } = await new Deno.Command("sh", {
        args: [
          "-c",
          `("$0" run -A --quiet "${COMMANDS}${name}.ts"; echo "code $?" >&2) | true`,
          Deno.execPath(),
        ],
        cwd: COMMANDS,
        env,
        stdin: "null",
      }).output();
      assert.equal(new TextDecoder().decode(stderr), "code 141\n");
    }
  },
});
