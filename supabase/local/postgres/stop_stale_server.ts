import { join } from "node:path";
import { processStart } from "./process_start.ts";

const PATIENCE_MS = 5_000;

/**
 * Stops the Postgres that an earlier, killed run left on the cluster in `directory`, and waits
 * until it is gone. Does nothing when there is none, or when its pid now belongs to another program.
 */
export async function stopStaleServer(directory: string): Promise<void> {
  const pid = await recordedPid(directory);
  if (pid === null || !await servesCluster(pid, directory)) return;
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    const start = await processStart(pid);
    if (start === null) return;
    Deno.kill(pid, signal);
    if (await isGoneSoon(pid, start)) return;
  }
  throw new Error(
    `Cannot stop the PostgreSQL server that still uses "${directory}": end process ${pid} yourself`,
  );
}

async function recordedPid(directory: string): Promise<number | null> {
  const text = await Deno.readTextFile(join(directory, "postmaster.pid")).catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

async function servesCluster(pid: number, directory: string): Promise<boolean> {
  if (Deno.build.os === "windows") return await processStart(pid) !== null;
  if (Deno.build.os === "linux") {
    // A postmaster's working directory is its data directory.
    const cwd = await Deno.readLink(`/proc/${pid}/cwd`).catch(() => "");
    return cwd === await Deno.realPath(directory);
  }
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "command=", "-p", String(pid)],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).includes(directory);
}

async function isGoneSoon(pid: number, start: string): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (await processStart(pid) !== start) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
