// What the commands do when the database goes away, before or in the middle of their work.
import assert from "node:assert/strict";
import { type Failure, startFailingLine } from "../../faults/start_failing_line.ts";
import { freshDatabase } from "../../support/fresh_database.ts";
import { insertFollowUp } from "../../support/insert_follow_up.ts";
import { spawnCommand } from "./spawn_command.ts";

// How the line fails, and after which part of what the database says.
const FAILURES: [how: Failure, after: number][] = [
  ["silent", 0],
  ["silent", 0.5],
  ["closing", 0],
  ["closing", 0.4],
  ["gone", 0.2],
  ["gone", 0.5],
  ["gone", 0.9],
];
// The others wait longer for an answer.
const LOST: typeof FAILURES = FAILURES.filter(([how]) => how !== "silent");
const COMMANDS: [name: string, args: string[], code: number, failures: typeof FAILURES][] = [
  ["status", [], 2, FAILURES],
  ["adopt", ["--check"], 2, FAILURES],
  ["doctor", [], 1, FAILURES],
  ["why", ["+12125550142"], 1, LOST],
  ["erase", ["+12125550142", "--yes"], 1, LOST],
  ["pause", [], 1, LOST],
  ["resume", [], 1, LOST],
];
// Far more than the limit of the commands, and less than for ever.
const ENDS_WITHIN_MS = 60_000;
const SENTENCE = /^(Cannot reach the database|The database does not answer): [^\n]+\n$/;

function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = "127.0.0.1";
  changed.port = String(port);
  return changed.href;
}

async function end(name: string, args: string[], url: string) {
  const command = spawnCommand(name, args, { DATABASE_URL: url, NO_COLOR: "1" });
  const timer = setTimeout(() => command.signal("SIGKILL"), ENDS_WITHIN_MS);
  try {
    return await command.ended;
  } finally {
    clearTimeout(timer);
  }
}

for (const [name, args, code, failures] of COMMANDS) {
  Deno.test(`${name}: a database that goes away is told in one sentence, and soon`, async () => {
    await using database = await freshDatabase();
    await insertFollowUp(database.sql);
    const port = Number(new URL(database.url).port);
    const secret = new URL(database.url).password;
    using whole = startFailingLine(port);
    await end(name, args, through(database.url, whole.port));
    assert.ok(whole.said() > 0);

    await Promise.all(failures.map(async ([how, after]) => {
      using line = startFailingLine(port, { bytes: Math.floor(whole.said() * after), how });
      const ended = await end(name, args, through(database.url, line.port));
      const told = `${how} after ${after}: ${JSON.stringify(ended)}`;
      assert.equal(ended.code, code, told);
      assert.ok(!(ended.stdout + ended.stderr).includes(`:${secret}@`), told);
      assert.doesNotMatch(ended.stdout + ended.stderr, /\n {4}at |Uncaught/, told);
      if (name === "doctor") {
        assert.match(ended.stdout, /^fault {3}\S/m, told);
        assert.equal(ended.stderr, "", told);
      } else {
        assert.match(ended.stderr, SENTENCE, told);
      }
    }));
  });
}

Deno.test("status: --watch outlives a database that is silent, and one that drops everybody, for a while", async () => {
  await using database = await freshDatabase();
  using line = startFailingLine(Number(new URL(database.url).port));
  const watching = spawnCommand("status", ["--every", "1s", "--json"], {
    DATABASE_URL: through(database.url, line.port),
  });
  await watching.wrote(/"due_now":0/);
  line.fail("silent");
  await watching.wrote(/Cannot read the status: (Cannot reach|The database does not answer)/);
  line.mend();
  await insertFollowUp(database.sql);
  await watching.wrote(/"due_now":1/);
  line.fail("closing");
  await watching.wrote(/Cannot read the status: [^\n]*\n[^]*Cannot read the status: /);
  line.mend();
  await insertFollowUp(database.sql);
  await watching.wrote(/"due_now":2/);
  watching.signal("SIGINT");
  assert.equal((await watching.ended).stdout.match(/Database /), null);
});
