// What the commands do when nobody reads what they print, and with errors that nobody catches.
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

/** Runs `body` as a command; `listenForStrayErrors` is there. */
async function runBody(body: string) {
  const script = `
    import { runCommand } from "${import.meta.resolve(`${COMMANDS}run_command.ts`)}";
    import { listenForStrayErrors } from "${import.meta.resolve(`${COMMANDS}stray_errors.ts`)}";
    await runCommand(async () => { ${body} });`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "-"],
    cwd: COMMANDS,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await new Blob([script]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("commands: an error that nobody catches is its message on stderr and code 1", async () => {
  const later = "await new Promise((resolve) => setTimeout(resolve, 60_000)); return 0;";
  const strays = [
    `Promise.reject(new Error("Ours")); ${later}`,
    `setTimeout(() => { throw new Error("Ours") }); ${later}`,
  ];
  for (const body of strays) {
    assert.deepEqual(await runBody(body), { code: 1, stdout: "", stderr: "Ours\n" });
  }
});

Deno.test("commands: whoever listens last is asked first, and while it listens only", async () => {
  const { code, stderr } = await runBody(`
    const wait = () => new Promise((resolve) => setTimeout(resolve, 50));
    {
      using _ = listenForStrayErrors((error) => error.message === "Theirs");
      Promise.reject(new Error("Theirs"));
      await wait();
    }
    console.error("Goes on");
    Promise.reject(new Error("Theirs"));
    await wait();
    return 0;`);
  assert.deepEqual([code, stderr], [1, "Goes on\nTheirs\n"]);
});
