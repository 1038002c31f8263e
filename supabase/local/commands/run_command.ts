import { EXIT_CODE } from "./exit_code.ts";
import { OutputClosed } from "./output_closed.ts";
import { listenForStrayErrors } from "./stray_errors.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs a command as the whole of this process: failures go to stderr in one sentence, also those that are
 * thrown where nobody waits for them.
 */
export async function runCommand(command: () => Promise<number>): Promise<never> {
  using _ = listenForStrayErrors(end);
  try {
    Deno.exit(await command());
  } catch (error) {
    end(error);
  }
}

function end(error: unknown): never {
  if (isOutputClosed(error)) Deno.exit(EXIT_CODE.outputClosed);
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(error instanceof UsageError ? EXIT_CODE.usage : EXIT_CODE.notOk);
}

// What is closed on the way out has something to say too, and fails of the same.
function isOutputClosed(error: unknown): boolean {
  return error instanceof OutputClosed ||
    (error instanceof SuppressedError && isOutputClosed(error.error));
}
