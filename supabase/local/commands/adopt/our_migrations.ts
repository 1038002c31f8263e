import { fileURLToPath } from "node:url";
import { APP_TABLES, type AppTableName } from "./app_tables.ts";

const FOLDER = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** What the migrations do to a project, as far as it is read from their text. */
export interface OurMigrations {
  /** Their numbers, in order. */
  versions: string[];
  /** Columns that the app's tables are given where they lack them. */
  columns: { table: AppTableName; name: string }[];
  /** Words that an enum of the app's is given where it lacks them. */
  words: { table: AppTableName; column: string; word: string }[];
  /** Triggers and indexes on the app's tables. */
  triggers: { table: AppTableName; name: string }[];
  indexes: { table: AppTableName; name: string }[];
  /** Tables and views of our own. */
  relations: string[];
  /** Our own functions. */
  functions: string[];
  /** The blocks that refuse tables that cannot work: they only read. */
  checks: string[];
}

/**
 * Reads the migration files, so that there is no second list of what they do. Only their own forms are
 * understood, and a test compares what is found with what a push has done.
 */
export async function ourMigrations(): Promise<OurMigrations> {
  const names = (await Array.fromAsync(Deno.readDir(FOLDER), (entry) => entry.name))
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(FOLDER + name)));
  const all = texts.join("\n").replace(/^\s*--.*$/gm, "");
  return {
    versions: names.map((name) => name.split("_")[0]!),
    columns: APP_TABLES.flatMap((table) => addedColumns(all, table)),
    words: [...all.matchAll(/\('(leads|follow_ups)', '(\w+)', '(\w+)'\)/g)]
      .map(([, table, column, word]) => ({
        table: table as AppTableName,
        column: column!,
        word: word!,
      }))
      .filter(({ column }) => ["stage", "status", "channel", "source"].includes(column)),
    triggers: APP_TABLES.flatMap((table) =>
      namesBy(all, String.raw`create trigger (\w+)[^;]*? on public\.${table}\b`, table)
    ),
    indexes: APP_TABLES.flatMap((table) => indexesOf(all, table)),
    relations: [
      ...new Set(
        [...all.matchAll(/create (?:or replace )?(?:table|view) public\.(\w+)/g)].map(([, name]) =>
          name!
        ),
      ),
    ].filter((name) => !(APP_TABLES as readonly string[]).includes(name)),
    functions: [
      ...new Set(
        [...all.matchAll(/create (?:or replace )?function public\.(\w+)/g)].map(([, name]) =>
          name!
        ),
      ),
    ],
    checks: texts.flatMap(checksIn),
  };
}

function addedColumns(text: string, table: AppTableName) {
  const statements = text.matchAll(new RegExp(`alter table public\\.${table}\\b([^;]*);`, "g"));
  const names = [...statements].flatMap(([, body = ""]) =>
    [...body.matchAll(/add column (?:if not exists )?(\w+)/g)].map(([, name]) => name!)
  );
  return [...new Set(names)].map((name) => ({ table, name }));
}

function namesBy(text: string, pattern: string, table: AppTableName) {
  return [...text.matchAll(new RegExp(pattern, "g"))].map(([, name]) => ({ table, name: name! }));
}

// Of one that is made anew the last word counts.
function indexesOf(text: string, table: AppTableName) {
  const pattern = String
    .raw`create (?:unique )?index (?:if not exists )?(\w+)\s+on public\.${table}\b`;
  const made = new Map(
    [...text.matchAll(new RegExp(pattern, "g"))].map(({ 1: name, index }) => [name!, index]),
  );
  return [...made]
    .filter(([name, index]) => text.lastIndexOf(`drop index public.${name};`) < index)
    .map(([name]) => ({ table, name }));
}

// A block that raises "Cannot use", and does nothing else.
function checksIn(text: string): string[] {
  return [...text.matchAll(/^do \$\$[^]*?^\$\$;/gm)]
    .map(([block]) => block)
    .filter((block) => block.includes("'Cannot use"));
}
