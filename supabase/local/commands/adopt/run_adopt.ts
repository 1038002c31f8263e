import { EXIT_CODE } from "../exit_code.ts";
import { beginOrRefuse } from "../operator/begin_or_refuse.ts";
import { withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import type { AdoptOptions } from "./adopt_options.ts";
import { findOut } from "./find_out.ts";
import { shadowReport } from "./shadow_report.ts";
import { showFindings } from "./show_findings.ts";
import { showShadowReport } from "./show_shadow_report.ts";

/** Looks, tells, and returns the code to end with. */
export async function runAdopt(
  { databaseUrl, asked }: AdoptOptions,
  terminal: Terminal,
): Promise<number> {
  if (asked === "shadow-report") {
    const report = await beginOrRefuse(() => withDatabase({ databaseUrl, terminal }, shadowReport));
    terminal.result(report);
    showShadowReport(report, terminal);
    return EXIT_CODE.ok;
  }
  const findings = await beginOrRefuse(() => withDatabase({ databaseUrl, terminal }, findOut));
  terminal.result(findings);
  showFindings(findings, terminal);
  return findings.ok ? EXIT_CODE.ok : EXIT_CODE.notOk;
}
