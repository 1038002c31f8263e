import { fileURLToPath } from "node:url";

// The one place that pins the CLI. By npx: as an `npm:` import it fails where the registry lacks the
// package of one of its other platforms.
const PACKAGE = "supabase@3.1.0";

// The CLI also reads .env: a stack on this machine must not post to the team's channel.
const NEVER_FROM_OUTSIDE = { ALARM_WEBHOOK_URL: "" };

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** How to run the CLI. */
export interface SupabaseCliOptions {
  /** URL of the database to work on. Its password travels by the environment, not in the arguments. */
  databaseUrl: string;
  /** The folder that holds `supabase/`, default this project's. */
  projectDirectory?: string;
  /** Further environment variables, such as those that config.toml names by `env(…)`. */
  env?: Record<string, string>;
}

/** What the CLI said. */
export interface SupabaseCliResult {
  success: boolean;
  stdout: string;
  stderr: string;
}

/** Runs the Supabase CLI's `command` (such as `db push`) against a plain database URL. */
export async function supabaseCli(
  command: string[],
  { databaseUrl, projectDirectory = PROJECT, env = {} }: SupabaseCliOptions,
): Promise<SupabaseCliResult> {
  const url = new URL(databaseUrl);
  const password = decodeURIComponent(url.password);
  url.password = "";
  const output = await new Deno.Command(Deno.build.os === "windows" ? "npx.cmd" : "npx", {
    args: [
      ...["-y", PACKAGE, ...command, `--remote=${url.href}`, "--yes"],
      ...["--workdir", projectDirectory],
    ],
    env: { ...NEVER_FROM_OUTSIDE, ...env, PGPASSWORD: password, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const hidden = (bytes: Uint8Array) => decoder.decode(bytes).replaceAll(password, "*****");
  return { success: output.success, stdout: hidden(output.stdout), stderr: hidden(output.stderr) };
}
