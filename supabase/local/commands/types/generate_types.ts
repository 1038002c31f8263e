import { supabaseCli } from "../../supabase_cli.ts";
import { formatTypeScript } from "./format_typescript.ts";

/** The types of a database's schema `public`, as TypeScript, formatted. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const { success, stdout, stderr } = await supabaseCli(
    ["gen", "types", "--lang", "typescript", "--schema", "public"],
    // It would insist on TLS, which a local server does not speak.
    { databaseUrl, env: { PGSSLMODE: "disable" } },
  );
  if (!success) {
    throw new Error(`The types could not be generated. The Supabase CLI says:\n${stderr}`);
  }
  return await formatTypeScript(stdout);
}
