import { cloneDatabase, type TestDatabase } from "./clone_database.ts";
import { TEST_CLUSTER } from "./test_cluster.ts";

/** A database like a new Supabase project, without our migrations, for one test. */
export async function freshEmptyDatabase(): Promise<TestDatabase> {
  return await cloneDatabase(TEST_CLUSTER.emptyTemplate);
}
