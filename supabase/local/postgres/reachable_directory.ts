import { dirname } from "node:path";
import type { ServerUser } from "./server_user.ts";

/**
 * Creates and returns `wanted`, or a folder under /var/tmp in its place when `user` could not
 * reach it because a folder above it (such as root's home) is closed to others.
 */
export async function reachableDirectory(
  wanted: string,
  user: ServerUser | null,
): Promise<string> {
  if (user === null || await canReach(wanted, user)) {
    await Deno.mkdir(wanted, { recursive: true });
    return wanted;
  }
  const fallback = `/var/tmp/call-dispatch-${await shortHash(wanted)}`;
  await Deno.mkdir(fallback, { recursive: true, mode: 0o755 });
  await refuseForeign(fallback);
  return fallback;
}

async function canReach(directory: string, user: ServerUser): Promise<boolean> {
  const info = await Deno.stat(directory).catch(() => null);
  if (info && !mayTraverse(info, user)) return false;
  const parent = dirname(directory);
  return parent === directory || await canReach(parent, user);
}

function mayTraverse(info: Deno.FileInfo, user: ServerUser): boolean {
  const mode = info.mode ?? 0o777;
  if (info.uid === user.uid) return (mode & 0o100) !== 0;
  if (info.gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

// Anyone may create names in /var/tmp: a folder laid there by somebody else must not get our keys.
async function refuseForeign(directory: string): Promise<void> {
  const info = await Deno.lstat(directory);
  if (info.isDirectory && info.uid === Deno.uid()) return;
  throw new Error(
    `Cannot use "${directory}" for the local stack's data: it belongs to somebody else. ` +
      `Remove it, or choose another data folder`,
  );
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(
    new Uint8Array(digest).slice(0, 4),
    (byte) => byte.toString(16).padStart(2, "0"),
  )
    .join("");
}
