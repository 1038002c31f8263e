import process from "node:process";

/**
 * Says when process `pid` started, in words that only serve for comparison, or null when there is
 * no such process. Together with the pid it names one process for ever: pids alone are reused.
 */
export async function processStart(pid: number): Promise<string | null> {
  if (Deno.build.os === "windows") return isAlive(pid) ? "alive" : null;
  if (Deno.build.os === "linux") return await linuxProcessStart(pid);
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "lstart=", "-p", String(pid)],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim() || null;
}

async function linuxProcessStart(pid: number): Promise<string | null> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => null);
  // The command's name, in parentheses, may hold spaces: count the fields after it.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields?.[0], fields?.[19]];
  return state === "Z" ? null : startTime ?? null;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
