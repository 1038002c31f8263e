import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processStart } from "../../postgres/process_start.ts";
import { reachableDirectory } from "../../postgres/reachable_directory.ts";
import { serverUser } from "../../postgres/server_user.ts";
import { UsageError } from "../usage_error.ts";

const DATA_FOLDER = fileURLToPath(new URL("../../.data", import.meta.url));

/** What `deno task start` keeps of a stack that runs. */
export interface RunningStack {
  /** Whose calls: those of a real account, or simulated ones. */
  kind: "live" | "simulated";
  /** As the role postgres. */
  databaseUrl: string;
  /** What its function asks for; empty while it is set up for the first time. */
  cronJobSecret: string;
}

/**
 * The stack that `deno task start` runs on the data in `root`; null when none runs.
 *
 * @throws {UsageError} when two run: to guess could stop the wrong calls.
 */
export async function findRunningStack(root = DATA_FOLDER): Promise<RunningStack | null> {
  const kinds = ["live", "simulated"] as const;
  const found = await Promise.all(kinds.map((kind) => readStack(root, kind)));
  const running = found.filter((stack) => stack !== null);
  if (running.length < 2) return running[0] ?? null;
  throw new UsageError(
    "Cannot choose a database: deno task start runs with live and with simulated calls. Give " +
      "--database-url, or --url where there is that flag",
  );
}

async function readStack(root: string, kind: RunningStack["kind"]): Promise<RunningStack | null> {
  const wanted = join(root, kind, "stack");
  // The next step would make the folder.
  if (await Deno.stat(wanted).catch(() => null) === null) return null;
  const directory = await reachableDirectory(wanted, await serverUser());
  const [pid, , , port] = (await read(join(directory, "cluster", "postmaster.pid"))).split("\n");
  const password = await read(join(directory, "postgres_password"));
  if (!pid || !port || password === "") return null;
  // After a crash the file still names a server.
  if (await processStart(Number(pid)) === null) return null;
  return {
    kind,
    databaseUrl: `postgres://postgres:${password}@127.0.0.1:${Number(port)}/postgres`,
    cronJobSecret: await read(join(directory, "cron_job_secret")),
  };
}

async function read(file: string): Promise<string> {
  return await Deno.readTextFile(file).catch(() => "");
}
