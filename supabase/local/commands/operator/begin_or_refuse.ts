import { UsageError } from "../usage_error.ts";

/**
 * Does `work`; whatever it fails of is a UsageError, so that the command ends with code 2. For commands
 * that tell by code 1 that something is not well: that they could not look must not be taken for it.
 */
export async function beginOrRefuse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
