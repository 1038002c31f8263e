import { TEST_CLUSTER } from "./test_cluster.ts";

/** The URL of a database of the test cluster, as `role`. */
export function databaseUrl(database: string, role: string): string {
  const admin = Deno.env.get(TEST_CLUSTER.adminUrlVariable);
  if (!admin) {
    throw new Error("There is no test database: run the tests by `deno task test [files]`");
  }
  const url = new URL(admin);
  url.username = role;
  url.pathname = `/${database}`;
  return url.href;
}
