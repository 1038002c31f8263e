import { join } from "node:path";
import { processStart } from "./process_start.ts";

/**
 * Takes `directory` for this process, so that no second stack works on the same data, and returns
 * the function that gives it back. A claim of a process that is gone counts for nothing.
 */
export async function claimDataDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, "owner");
  const claim = `${Deno.pid} ${await processStart(Deno.pid)}`;
  await removeDeadClaim(file, directory);
  await Deno.writeTextFile(file, claim, { createNew: true });
  return async () => {
    if (await Deno.readTextFile(file).catch(() => "") === claim) await Deno.remove(file);
  };
}

async function removeDeadClaim(file: string, directory: string): Promise<void> {
  const claim = await Deno.readTextFile(file).catch(() => null);
  if (claim === null) return;
  const [pid = "", ...start] = claim.split(" ");
  if (await processStart(Number(pid)) === start.join(" ")) {
    throw new Error(
      `Cannot use the data folder "${directory}": process ${pid} works on it. ` +
        `Stop that one first, or choose another data folder`,
    );
  }
  await Deno.remove(file);
}
