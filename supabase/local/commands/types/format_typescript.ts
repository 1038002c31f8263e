import { fileURLToPath } from "node:url";

const CONFIG = fileURLToPath(new URL("../../../../deno.json", import.meta.url));

/** TypeScript as `deno fmt` writes it in this project. */
export async function formatTypeScript(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--config", CONFIG, "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot format the types: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout);
}
