/** A user of the operating system in words: the name, or the number where there is none. */
export async function userName(uid: number): Promise<string> {
  const passwd = await Deno.readTextFile("/etc/passwd").catch(() => "");
  const fields = passwd.split("\n").map((line) => line.split(":"));
  const name = fields.find(([, , id]) => id === String(uid))?.[0];
  return name === undefined ? `the user ${uid}` : `the user ${name}`;
}
