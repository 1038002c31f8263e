import type { EmbeddedProject } from "../support/start_embedded_project.ts";

/** The whole environment of the project's function, to start it anew with some of it changed. */
export function functionEnvironment(
  { gateway, env }: EmbeddedProject,
  changes: Record<string, string> = {},
): Record<string, string> {
  return {
    SUPABASE_URL: gateway.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: gateway.secretKey }),
    ...env,
    ...changes,
  };
}
