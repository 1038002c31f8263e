/**
 * Reads the secret kept in `file`, or makes one with `prefix` and keeps it there, readable by us
 * only. The random part has 160 bits, in characters that need no quoting in a URL.
 */
export async function storedSecret(file: string, prefix = ""): Promise<string> {
  const kept = await Deno.readTextFile(file).catch(() => "");
  if (kept !== "") return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  const secret = prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  await Deno.writeTextFile(file, secret, { mode: 0o600 });
  return secret;
}
