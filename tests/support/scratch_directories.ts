const MEMORY_DISK = "/dev/shm";
const ENOUGH_KB = 4_000_000;
const PREFIX = "call-dispatch-tests-";

/** Folders of one test run; gone, with all that is in them, once disposed of. */
export interface ScratchDirectories extends AsyncDisposable {
  /** For the cluster: in memory where there is plenty, as a copy of a database is then 5 times faster. */
  data: string;
  /** For binaries: never in memory, where many systems run no programs. */
  programs: string;
}

/** Makes them. With TMPDIR set, both are there. */
export async function scratchDirectories(): Promise<ScratchDirectories> {
  const programs = await makeDirectory();
  const data = await hasMemoryDisk() ? await makeDirectory(MEMORY_DISK) : await makeDirectory();
  return {
    data,
    programs,
    [Symbol.asyncDispose]: async () => {
      for (const path of [data, programs]) await Deno.remove(path, { recursive: true });
    },
  };
}

async function makeDirectory(dir?: string): Promise<string> {
  const path = await Deno.makeTempDir({ dir, prefix: PREFIX });
  // The server's user has to get in, not to look around.
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o711);
  return path;
}

async function hasMemoryDisk(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.env.has("TMPDIR")) return false;
  const { success, stdout } = await new Deno.Command("df", {
    args: ["-Pk", MEMORY_DISK],
    stderr: "null",
  }).output();
  const [, line = ""] = new TextDecoder().decode(stdout).split("\n");
  return success && Number(line.trim().split(/\s+/)[3]) >= ENOUGH_KB;
}
