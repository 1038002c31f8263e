/**
 * Asks again until `probe` gives something other than undefined; fails after `timeoutMs`, which is long because
 * a test beside many others on a busy machine may take ten times as long as alone.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) {
      throw new Error(`Within ${timeoutMs} ms this did not happen: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
