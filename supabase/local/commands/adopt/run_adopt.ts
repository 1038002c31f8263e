import { EXIT_CODE } from "../exit_code.ts";
import { withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import type { AdoptOptions } from "./adopt_options.ts";
import { findOut } from "./find_out.ts";
import { showFindings } from "./show_findings.ts";

/** Looks, tells, and returns the code to end with. */
export async function runAdopt(
  { databaseUrl }: AdoptOptions,
  terminal: Terminal,
): Promise<number> {
  const findings = await withDatabase({ databaseUrl, terminal }, findOut);
  terminal.result(findings);
  showFindings(findings, terminal);
  return findings.ok ? EXIT_CODE.ok : EXIT_CODE.notOk;
}
