import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processStart } from "../../postgres/process_start.ts";
import { reachableDirectory } from "../../postgres/reachable_directory.ts";
import { serverUser } from "../../postgres/server_user.ts";
import { UsageError } from "../usage_error.ts";

const DATA_FOLDER = fileURLToPath(new URL("../../.data", import.meta.url));

/**
 * The URL of the database that `deno task start` runs on the data in `root`; null when none runs.
 *
 * @throws {UsageError} when two run: to guess could stop the wrong calls.
 */
export async function findRunningStack(root = DATA_FOLDER): Promise<string | null> {
  const found = await Promise.all(["live", "simulated"].map((kind) => databaseUrl(root, kind)));
  const urls = found.filter((url) => url !== null);
  if (urls.length < 2) return urls[0] ?? null;
  throw new UsageError(
    "Cannot choose a database: deno task start runs with live and with simulated calls. Give --database-url",
  );
}

async function databaseUrl(root: string, kind: string): Promise<string | null> {
  const wanted = join(root, kind, "stack");
  // The next step would make the folder.
  if (await Deno.stat(wanted).catch(() => null) === null) return null;
  const directory = await reachableDirectory(wanted, await serverUser());
  const [pid, , , port] = (await read(join(directory, "cluster", "postmaster.pid"))).split("\n");
  const password = await read(join(directory, "postgres_password"));
  if (!pid || !port || password === "") return null;
  // After a crash the file still names a server.
  if (await processStart(Number(pid)) === null) return null;
  return `postgres://postgres:${password}@127.0.0.1:${Number(port)}/postgres`;
}

async function read(file: string): Promise<string> {
  return await Deno.readTextFile(file).catch(() => "");
}
