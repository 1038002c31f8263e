import { disposableCluster } from "../support/disposable_cluster.ts";
import { scratchDirectories } from "../support/scratch_directories.ts";

/** Runs `work` with a PostgreSQL cluster of its own, which is gone afterwards. */
export async function withTestCluster<Result>(work: () => Promise<Result>): Promise<Result> {
  await using scratch = await scratchDirectories();
  await using cluster = await disposableCluster(scratch);
  for (const [name, value] of Object.entries(cluster.env)) Deno.env.set(name, value);
  return await work();
}
