import { EXIT_CODE } from "./exit_code.ts";
import { UsageError } from "./usage_error.ts";

/** Runs a command as the whole of this process: failures go to stderr in one sentence. */
export async function runCommand(command: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await command());
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(error instanceof UsageError ? EXIT_CODE.usage : EXIT_CODE.notOk);
  }
}
