import assert from "node:assert/strict";
import { join } from "node:path";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import { freshEmptyDatabase } from "../support/fresh_empty_database.ts";

async function projectWith(migrations: Record<string, string>) {
  const path = await Deno.makeTempDir({ prefix: "call-dispatch-project-" });
  const directory = join(path, "supabase", "migrations");
  await Deno.mkdir(directory, { recursive: true });
  for (const [name, sql] of Object.entries(migrations)) {
    await Deno.writeTextFile(join(directory, name), sql);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("pushMigrations applies what is missing as postgres, once", async () => {
  await using database = await freshEmptyDatabase();
  await using project = await projectWith({
    "20260101000000_things.sql": "create table public.things (owner name default current_user);",
  });
  const options = { databaseUrl: database.url, projectDirectory: project.path };
  await pushMigrations(options);
  await pushMigrations(options);
  const [table] = await database.sql`
    select tableowner from pg_tables where schemaname = 'public' and tablename = 'things'`;
  assert.equal(table?.tableowner, "postgres");
});

Deno.test("pushMigrations shows what the CLI said, and not the password", async () => {
  await using database = await freshEmptyDatabase();
  await using project = await projectWith({ "20260101000000_bad.sql": "create tabel oops ();" });
  const options = { databaseUrl: database.url, projectDirectory: project.path };
  const error = await pushMigrations(options).then(() => null, (error: Error) => error);
  assert.match(error?.message ?? "", /syntax error at or near "tabel"/);
  assert.ok(!error?.message.includes(new URL(database.url).password));
});

Deno.test("pushMigrations has nothing to do where there are no migrations", async () => {
  await using database = await freshEmptyDatabase();
  await using project = await projectWith({});
  await pushMigrations({ databaseUrl: database.url, projectDirectory: project.path });
  assert.equal((await database.sql`select from pg_tables where schemaname = 'public'`).length, 0);
});

Deno.test("pushMigrations takes no address for the alarm from the environment or from .env", async () => {
  await using database = await freshEmptyDatabase();
  await using project = await projectWith({ "20260101000000_one.sql": "select 1;" });
  await Deno.writeTextFile(
    join(project.path, "supabase", "config.toml"),
    `project_id = "test"
[db.vault]
alarm_webhook_url = "env(ALARM_WEBHOOK_URL)"
project_url = "env(TEST_PROJECT_URL)"
`,
  );
  const variables = {
    ALARM_WEBHOOK_URL: "https://hooks.test/team",
    TEST_PROJECT_URL: "https://project.test",
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  for (const folder of [project.path, join(project.path, "supabase")]) {
    await Deno.writeTextFile(join(folder, ".env"), lines.join(""));
  }
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await pushMigrations({ databaseUrl: database.url, projectDirectory: project.path });
  } finally {
    for (const name of Object.keys(variables)) Deno.env.delete(name);
  }
  const secrets = await database.sql`select name, decrypted_secret from vault.decrypted_secrets`;
  assert.deepEqual([...secrets], [
    { name: "project_url", decrypted_secret: "https://project.test" },
  ]);
});
