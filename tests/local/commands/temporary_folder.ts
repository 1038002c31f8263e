/** A folder that is gone after the test, and that PostgreSQL's user can reach. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "call-dispatch-commands-" });
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
