import { type ProjectAccess, readProjectAccess } from "../invoke/project_access.ts";
import { UsageError } from "../usage_error.ts";
import { findRunningStack } from "./find_running_stack.ts";
import { NO_RUNNING_STACK } from "./no_running_stack.ts";
import { readStackAccess } from "./read_stack_access.ts";

/**
 * The project that is meant: the flag's, else the one of the environment, else the local stack that
 * runs on the data in `root`, with the stack's own secret.
 *
 * @throws {UsageError} when there is none, or no way to be let in.
 */
export async function findProject(
  urlFlag: string | null,
  env: Record<string, string>,
  root?: string,
): Promise<ProjectAccess> {
  if (urlFlag !== null || env.SUPABASE_URL !== undefined) return readProjectAccess(env, urlFlag);
  const stack = await findRunningStack(root);
  if (stack !== null) return await readStackAccess(stack);
  throw new UsageError(
    `SUPABASE_URL is missing, and ${NO_RUNNING_STACK}: set it in the environment or in .env, or give --url`,
  );
}
