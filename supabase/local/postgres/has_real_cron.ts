import { join } from "node:path";

/** Whether the PostgreSQL in `binDirectory` has the extension pg_cron installed. */
export async function hasRealCron(binDirectory: string): Promise<boolean> {
  const prefix = join(binDirectory, "..");
  const places = [
    join(prefix, "share", "extension"),
    join(prefix, "share", "postgresql", "extension"),
    // Debian keeps them apart: /usr/lib/postgresql/15/bin, /usr/share/postgresql/15/extension.
    binDirectory.replace(/\/lib\/(postgresql\/\d+)\/bin\/?$/, "/share/$1/extension"),
  ];
  const found = await Promise.all(places.map((place) => isFile(join(place, "pg_cron.control"))));
  return found.includes(true);
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}
