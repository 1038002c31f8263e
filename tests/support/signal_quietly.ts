/** Sends a signal to a process that may have ended by itself. */
export function signalQuietly(
  child: Deno.ChildProcess | null,
  signal: "SIGTERM" | "SIGKILL" = "SIGTERM",
): void {
  try {
    child?.kill(signal);
  } catch {
    // It has ended by itself.
  }
}
