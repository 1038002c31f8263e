import { connect } from "../../postgres/connect.ts";
import type { ProjectAccess } from "../invoke/project_access.ts";
import { UsageError } from "../usage_error.ts";
import type { RunningStack } from "./find_running_stack.ts";

/**
 * How to reach the functions of the local stack. Its URL is another at each start: the one of now
 * stands in its Vault.
 *
 * @throws {UsageError} when it has not come so far.
 */
export async function readStackAccess(
  { databaseUrl, cronJobSecret }: RunningStack,
): Promise<ProjectAccess> {
  const sql = connect(databaseUrl, { max: 1 });
  try {
    const [row] = await sql<{ url: string }[]>`
      select decrypted_secret as url from vault.decrypted_secrets where name = 'project_url'`;
    if (row && cronJobSecret !== "") return { url: row.url, cronJobSecret, secretKey: null };
  } finally {
    await sql.end({ timeout: 2 });
  }
  throw new UsageError("deno task start is still being set up here: try again when it calls");
}
