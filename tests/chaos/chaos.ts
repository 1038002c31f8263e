import { EXIT_CODE } from "../../supabase/local/commands/exit_code.ts";
import { renderTable } from "../../supabase/local/commands/render_table.ts";
import { runCommand } from "../../supabase/local/commands/run_command.ts";
import { chaosHelp } from "./chaos_help.ts";
import { type ChaosOptions, readChaosOptions } from "./chaos_options.ts";
import { huntBug } from "./planted/hunt_bug.ts";
import { plantedBugs } from "./planted/planted_bugs.ts";
import { playScenarios } from "./play_scenarios.ts";
import type { ScenarioResult } from "./scenario_result.ts";
import { scenarios } from "./scenarios.ts";
import { withTestCluster } from "./with_test_cluster.ts";

async function chaos(args: string[]): Promise<number> {
  const options = readChaosOptions(args);
  if (options.help) {
    console.log(chaosHelp());
    return EXIT_CODE.ok;
  }
  console.error(`Seed ${options.seed}. Starting PostgreSQL`);
  const isOk = await withTestCluster(() =>
    options.plants === null ? playAll(options) : huntAll(options, options.plants)
  );
  if (isOk === null) return EXIT_CODE.interrupted;
  return isOk ? EXIT_CODE.ok : EXIT_CODE.notOk;
}

async function playAll({ json, short, ...options }: ChaosOptions): Promise<boolean> {
  const chosen = scenarios.filter(({ name }) => options.scenarios.includes(name));
  const results = await playScenarios(chosen, {
    ...options,
    isShort: short,
    onProgress: (line) => console.error(line),
    onResult: (result) => json && console.log(JSON.stringify(result)),
  });
  if (!json) console.log(tableOf(results));
  return results.every(({ ok }) => ok);
}

function tableOf(results: ScenarioResult[]): string {
  const rows = results.map(({ ok, ...result }) => [
    ...Object.values(result).map(String),
    ok ? "ok" : "NOT OK",
  ]);
  const head = Object.keys(results[0] ?? {}).map((key) => key.replaceAll("_", " "));
  return renderTable(head, rows, null);
}

async function huntAll({ seed, json }: ChaosOptions, plants: string[]): Promise<boolean> {
  const rows: string[][] = [];
  for (const bug of plantedBugs.filter(({ name }) => plants.includes(name))) {
    console.error(`Planting ${bug.name}: ${bug.what}`);
    const found = await huntBug(bug, { seed });
    console.error(found ? `  found by ${found.scenario}: ${found.complaint}` : "  NOT FOUND");
    if (json) console.log(JSON.stringify({ plant: bug.name, ok: found !== null, ...found }));
    rows.push([bug.name, found?.scenario ?? "NOT FOUND", found?.complaint ?? ""]);
  }
  if (!json) console.log(renderTable(["planted bug", "found by", "complaint"], rows, 150));
  return rows.every(([, scenario]) => scenario !== "NOT FOUND");
}

await runCommand(() => chaos(Deno.args));
