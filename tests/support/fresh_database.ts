import { cloneDatabase, type TestDatabase } from "./clone_database.ts";
import { TEST_CLUSTER } from "./test_cluster.ts";

/** A database with all migrations and no rows, for one test. Drop it, or hold it by `await using`. */
export async function freshDatabase(): Promise<TestDatabase> {
  return await cloneDatabase(TEST_CLUSTER.migratedTemplate);
}
