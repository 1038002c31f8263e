/** A user of the operating system, by its numbers. */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

const NOBODY: ServerUser = { name: "nobody", uid: 65534, gid: 65534 };

/**
 * The user that Postgres has to run as, or null when it runs as ourselves. Postgres refuses to run
 * as root, so root lends it an unprivileged user that the system already has.
 */
export async function serverUser(): Promise<ServerUser | null> {
  if (Deno.uid() !== 0) return null;
  const passwd = await Deno.readTextFile("/etc/passwd").catch(() => "");
  return findUser(passwd, "postgres") ?? findUser(passwd, "nobody") ?? NOBODY;
}

function findUser(passwd: string, name: string): ServerUser | undefined {
  const fields = passwd.split("\n").map((line) => line.split(":")).find(([user]) => user === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return fields && Number.isInteger(uid) && Number.isInteger(gid) ? { name, uid, gid } : undefined;
}
