import { disposableCluster } from "../support/disposable_cluster.ts";
import { scratchDirectories } from "../support/scratch_directories.ts";

/**
 * Runs `work` with a PostgreSQL cluster of its own, which is gone afterwards, with all temporary files;
 * null when somebody interrupts it.
 */
export async function withTestCluster<Result>(
  work: () => Promise<Result>,
): Promise<Result | null> {
  const interrupted = Promise.withResolvers<null>();
  const interrupt = () => interrupted.resolve(null);
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  signals.forEach((signal) => Deno.addSignalListener(signal, interrupt));
  try {
    await using scratch = await scratchDirectories();
    await using cluster = await disposableCluster(scratch);
    for (const [name, value] of Object.entries(cluster.env)) Deno.env.set(name, value);
    for (const name of ["TMPDIR", "TEMP", "TMP"]) Deno.env.set(name, scratch.programs);
    const working = work();
    // What an interrupted one says of the cluster that is gone is of no use.
    working.catch(() => {});
    return await Promise.race([working, interrupted.promise]);
  } finally {
    signals.forEach((signal) => Deno.removeSignalListener(signal, interrupt));
  }
}
