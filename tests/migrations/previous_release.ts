import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { freshEmptyDatabase } from "../support/fresh_empty_database.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The release before the contract had a number: its last commit and its last migration. */
const COMMIT = "e933c5e5999deb676a28e8790fc87f13629c7e60";
const LAST_MIGRATION = "20261122110700";

/** Whether its functions can be had: a checkout without history, such as an archive, has none of them. */
export const hasPreviousRelease = Deno.env.has("PREVIOUS_FUNCTIONS") ||
  (await git(["cat-file", "-e", `${COMMIT}^{commit}`])).success;

/** A project as the previous release left it. */
export interface PreviousRelease extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Folder of the deployed functions; `deploy` puts this checkout's there. */
  readonly functionsDirectory: string;
  deploy(): Promise<void>;
}

/**
 * A database with the migrations of the previous release, and its functions as git has them, or as
 * they lie in the folder `PREVIOUS_FUNCTIONS`.
 */
export async function previousRelease(): Promise<PreviousRelease> {
  const folder = await Deno.makeTempDir({ prefix: "call-dispatch-previous-" });
  const functionsDirectory = join(folder, "supabase", "functions");
  await copyMigrations(join(folder, "supabase", "migrations"));
  const kept = Deno.env.get("PREVIOUS_FUNCTIONS");
  if (kept === undefined) await extractFunctions(folder);
  else await copyFolder(kept, functionsDirectory);
  const database = await freshEmptyDatabase();
  await pushMigrations({ databaseUrl: database.url, projectDirectory: folder });
  // As in the other tests: a test decides when a run starts.
  await database.sql`update public.dispatch_settings set start_at_once = false where id`;
  return {
    database,
    functionsDirectory,
    deploy: () => copyFolder(join(PROJECT, "supabase", "functions"), functionsDirectory),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function copyMigrations(target: string): Promise<void> {
  const source = join(PROJECT, "supabase", "migrations");
  await Deno.mkdir(target, { recursive: true });
  for await (const { name } of Deno.readDir(source)) {
    if (name.slice(0, LAST_MIGRATION.length) > LAST_MIGRATION) continue;
    await Deno.copyFile(join(source, name), join(target, name));
  }
}

async function copyFolder(source: string, target: string): Promise<void> {
  await Deno.mkdir(target, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(source)) {
    if (isDirectory) await copyFolder(join(source, name), join(target, name));
    else await Deno.copyFile(join(source, name), join(target, name));
  }
}

/** As `supabase/functions` in the folder. */
async function extractFunctions(folder: string): Promise<void> {
  const { success, stdout } = await git(["archive", COMMIT, "supabase/functions"]);
  assert.ok(success, "git has the functions");
  const untar = new Deno.Command("tar", { args: ["-x", "-C", folder], stdin: "piped" }).spawn();
  const writer = untar.stdin.getWriter();
  await writer.write(stdout);
  await writer.close();
  assert.ok((await untar.status).success, "they are unpacked");
}

async function git(args: string[]): Promise<{ success: boolean; stdout: Uint8Array }> {
  try {
    return await new Deno.Command("git", { args, cwd: PROJECT, stderr: "null" }).output();
  } catch {
    return { success: false, stdout: new Uint8Array() };
  }
}
