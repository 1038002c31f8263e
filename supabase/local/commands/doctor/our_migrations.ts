import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../migrations/", import.meta.url));

/** What the migrations bring, as far as it is read from their text. */
export interface OurMigrations {
  /** Their numbers, in order. */
  versions: string[];
  /** Tables and views, without those that an app may have had before. */
  relations: string[];
  functions: string[];
}

const OF_THE_APP = new Set(["leads", "follow_ups"]);

/** Reads the migration files, so that there is no second list of what they bring. */
export async function ourMigrations(): Promise<OurMigrations> {
  const files = (await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name))
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const texts = await Promise.all(files.map((name) => Deno.readTextFile(FOLDER + name)));
  const text = texts.join("\n");
  return {
    versions: files.map((name) => name.split("_")[0]!),
    relations: namesIn(text, /create (?:or replace )?(?:table|view) public\.(\w+)/g)
      .filter((name) => !OF_THE_APP.has(name)),
    functions: namesIn(text, /create (?:or replace )?function public\.(\w+)/g),
  };
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))];
}
