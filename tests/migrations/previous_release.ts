import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pushMigrations } from "../../supabase/local/push_migrations.ts";
import type { TestDatabase } from "../support/clone_database.ts";
import { freshEmptyDatabase } from "../support/fresh_empty_database.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The last migration of the release before the contract had a number. */
const LAST_MIGRATION = "20261122110700";

/** A project as the previous release left it. */
export interface PreviousRelease extends AsyncDisposable {
  readonly database: TestDatabase;
  /** Folder of the deployed functions; `deploy` puts this checkout's there. */
  readonly functionsDirectory: string;
  deploy(): Promise<void>;
}

/**
 * A database with the migrations of the previous release, and its functions. They are this checkout's
 * without the one thing that the old ones did not do, to name a contract, so that no history of git is
 * needed; `PREVIOUS_FUNCTIONS` names a folder of the real ones.
 */
export async function previousRelease(): Promise<PreviousRelease> {
  const folder = await Deno.makeTempDir({ prefix: "call-dispatch-previous-" });
  const functionsDirectory = join(folder, "supabase", "functions");
  await copyMigrations(join(folder, "supabase", "migrations"));
  const real = Deno.env.get("PREVIOUS_FUNCTIONS");
  await copyFolder(real ?? join(PROJECT, "supabase", "functions"), functionsDirectory);
  if (real === undefined) await takeContractOut(functionsDirectory);
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

async function takeContractOut(functionsDirectory: string): Promise<void> {
  const file = join(functionsDirectory, "call-dispatch", "supabase_store.ts");
  const code = await Deno.readTextFile(file);
  const old = code.replace(", source, contract: DISPATCH_CONTRACT }", ", source }");
  assert.notEqual(old, code, "the contract was found");
  await Deno.writeTextFile(file, old);
}
