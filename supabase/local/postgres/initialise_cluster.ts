import { join } from "node:path";
import { serverCommand } from "./server_command.ts";
import type { ServerUser } from "./server_user.ts";
import { userName } from "./user_name.ts";

/** What `initialiseCluster` works with; all folders are absolute. */
export interface ClusterPlace {
  binDirectory: string;
  dataDirectory: string;
  clusterDirectory: string;
  user: ServerUser | null;
}

/**
 * Makes an empty cluster owned by the superuser `supabase_admin`, unless there is one already.
 * Logging in takes `password`, so that other users of the machine stay out.
 */
export async function initialiseCluster(place: ClusterPlace, password: string): Promise<void> {
  await refuseForeign(place);
  if (await isInitialised(place.clusterDirectory)) return;
  // A half-made cluster of an interrupted run cannot be repaired, and holds nothing.
  await Deno.remove(place.clusterDirectory, { recursive: true }).catch(() => {});
  await Deno.mkdir(place.clusterDirectory, { mode: 0o700 });
  const passwordFile = `${place.clusterDirectory}.password`;
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  try {
    if (place.user) {
      await Deno.chown(place.clusterDirectory, place.user.uid, place.user.gid);
      await Deno.chown(passwordFile, place.user.uid, place.user.gid);
    }
    await runInitdb(place, passwordFile);
  } finally {
    await Deno.remove(passwordFile);
  }
}

// PostgreSQL works on its own user's files only, and says of others that they are not there.
async function refuseForeign({ clusterDirectory, user }: ClusterPlace): Promise<void> {
  const owner = (await Deno.stat(clusterDirectory).catch(() => null))?.uid ?? null;
  const ours = user?.uid ?? Deno.uid();
  if (owner === null || ours === null || owner === ours) return;
  throw new Error(
    `Cannot use the database in "${clusterDirectory}": it belongs to ${await userName(
      owner,
    )}, and ` +
      `PostgreSQL runs as ${await userName(
        ours,
      )} here. Start it as the user of before, or choose ` +
      "another data folder",
  );
}

async function isInitialised(clusterDirectory: string): Promise<boolean> {
  // initdb writes this file last.
  return await Deno.stat(join(clusterDirectory, "global", "pg_control")).then(
    () => true,
    () => false,
  );
}

async function runInitdb(place: ClusterPlace, passwordFile: string): Promise<void> {
  const locale = Deno.build.os === "linux" ? "C.UTF-8" : "C";
  const { success, stdout, stderr } = await serverCommand(place, "initdb", [
    ...["-D", place.clusterDirectory, "-U", "supabase_admin", `--pwfile=${passwordFile}`],
    ...["--auth=scram-sha-256", "--encoding=UTF8", `--locale=${locale}`, "--no-sync"],
  ]).output();
  if (success) return;
  const decoder = new TextDecoder();
  throw new Error(
    `Cannot initialise a PostgreSQL cluster in "${place.clusterDirectory}": ` +
      `${decoder.decode(stderr).trim()}\n${decoder.decode(stdout).trim()}`,
  );
}
