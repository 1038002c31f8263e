import { fileURLToPath } from "node:url";
import type { Sql } from "../../../supabase/local/postgres/connect.ts";
import type { Planted } from "./planted.ts";
import type { CodeChange, DatabaseChange, PlantedBug } from "./planted_bug.ts";

const FUNCTIONS = fileURLToPath(new URL("../../../supabase/functions", import.meta.url));

/**
 * Makes the bug ready to be planted in projects: what is in the repository stays as it is.
 *
 * @throws {Error} when there is nothing that it could change, here or once it is planted.
 */
export async function plantBug({ name, changes }: PlantedBug): Promise<Planted> {
  const functionsDirectory = await Deno.makeTempDir({ prefix: "call-dispatch-planted-" });
  const remove = () => Deno.remove(functionsDirectory, { recursive: true });
  try {
    await copyDirectory(FUNCTIONS, functionsDirectory);
    for (const change of changes) {
      if ("file" in change) await changeFile(`${functionsDirectory}/${change.file}`, name, change);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    functionsDirectory,
    async plantInto(sql) {
      for (const change of changes) {
        if (!("file" in change)) await changeDatabase(sql, name, change);
      }
    },
    [Symbol.asyncDispose]: remove,
  };
}

async function changeDatabase(sql: Sql, bug: string, change: DatabaseChange): Promise<void> {
  if ("dropIndex" in change) {
    // Fails when there is no such index.
    await sql`drop index public.${sql(change.dropIndex)}`;
    return;
  }
  const definitions = await sql<{ text: string }[]>`
    select pg_get_functiondef(oid) as text
    from pg_proc
    where pronamespace = 'public'::regnamespace and prokind = 'f'`;
  const changed = definitions
    .filter(({ text }) => change.mentions.every((mentioned) => text.includes(mentioned)))
    .map(({ text }) => ({ text, now: text.replaceAll(change.find, change.put) }))
    .filter(({ text, now }) => text !== now);
  if (changed.length === 0) {
    throw new Error(
      `Cannot plant "${bug}": no function with ${change.mentions.join(" and ")} has ${change.find}`,
    );
  }
  for (const { now } of changed) await sql.unsafe(now);
}

async function changeFile(path: string, bug: string, { find, put }: CodeChange): Promise<void> {
  const text = await Deno.readTextFile(path);
  const changed = text.replace(find, put);
  if (changed === text) throw new Error(`Cannot plant "${bug}": "${path}" has no ${find}`);
  await Deno.writeTextFile(path, changed);
}

async function copyDirectory(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) {
      await Deno.mkdir(`${to}/${name}`);
      await copyDirectory(`${from}/${name}`, `${to}/${name}`);
    } else {
      await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    }
  }
}
