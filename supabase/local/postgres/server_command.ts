import { join } from "node:path";
import type { ClusterPlace } from "./initialise_cluster.ts";

// `detached` is newer than the oldest Deno that has to check this file.
type CommandOptions = Deno.CommandOptions & { detached?: boolean };

const PASSED_ON = ["PATH", "SystemRoot", "TEMP", "TMP"];

/** The command that runs a PostgreSQL binary as the cluster's user, with output piped. */
export function serverCommand(
  place: Pick<ClusterPlace, "binDirectory" | "dataDirectory" | "user">,
  binary: "initdb" | "postgres" | "pg_ctl",
  args: string[],
): Deno.Command {
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const options: CommandOptions = {
    args,
    cwd: place.dataDirectory,
    clearEnv: true,
    // English messages: the start of the server is read from its log.
    env: { ...passedOn(), LC_ALL: "C", TZ: "UTC" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Out of our process group: Ctrl-C must reach us only, or the database would go down first.
    detached: true,
    ...(place.user ? { uid: place.user.uid, gid: place.user.gid } : {}),
  };
  return new Deno.Command(join(place.binDirectory, binary + suffix), options);
}

function passedOn(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
