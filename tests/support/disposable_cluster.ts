import type { ScratchDirectories } from "./scratch_directories.ts";
import { startTestCluster } from "./start_test_cluster.ts";
import { TEST_CLUSTER } from "./test_cluster.ts";

/** A cluster for the tests of one command, gone once disposed of. */
export interface DisposableCluster extends AsyncDisposable {
  /** The variables by which the tests find it. */
  env: Record<string, string>;
}

/** Starts it, with its data in `directories`. */
export async function disposableCluster(
  directories: ScratchDirectories,
): Promise<DisposableCluster> {
  const postgres = await startTestCluster(directories);
  return {
    env: {
      [TEST_CLUSTER.adminUrlVariable]: postgres.adminUrl,
      [TEST_CLUSTER.realCronVariable]: String(postgres.realCron),
    },
    [Symbol.asyncDispose]: async () => {
      await postgres.stop();
      if (postgres.dataDirectory === directories.data) return;
      await Deno.remove(postgres.dataDirectory, { recursive: true });
    },
  };
}
