// `detached` is newer than the oldest Deno that has to check this file.
type CommandOptions = Deno.CommandOptions & { detached?: boolean };

// Our end of its input closes when we are gone, however that came about; a line calls it off.
const WATCH = `trap '' INT TERM; read _ || kill -INT "$1"`;

/**
 * Sees to it that the server `pid` is shut down when this process ends, even by SIGKILL or by an
 * error that nobody caught. Returns the function that calls this off once the server has ended.
 */
export function endWithUs(pid: number): () => Promise<void> {
  if (Deno.build.os === "windows") return async () => {};
  const options: CommandOptions = {
    args: ["-c", WATCH, "watch", String(pid)],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    detached: true,
  };
  const watch = new Deno.Command("sh", options).spawn();
  return async () => {
    const writer = watch.stdin.getWriter();
    await writer.write(new Uint8Array([10])).catch(() => {});
    await writer.close().catch(() => {});
    await watch.status;
  };
}
