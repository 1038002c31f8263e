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

// More than any of them has needed.
const HISTORIES_A_BUG = 12;

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
  const complaints: string[] = [];
  const results = await playScenarios(chosen, {
    ...options,
    isShort: short,
    onProgress: (line) => console.error(line),
    onComplaint(line) {
      console.error(line);
      complaints.push(line);
    },
    onResult: (result) => json && console.log(JSON.stringify(result)),
  });
  if (!json) console.log([tableOf(results), ...complaints].join("\n"));
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

async function huntAll(options: ChaosOptions, plants: string[]): Promise<boolean> {
  const { seed, histories, json } = options;
  const rows: string[][] = [];
  let areAllFound = true;
  for (const bug of plantedBugs.filter(({ name }) => plants.includes(name))) {
    console.error(`Planting ${bug.name}: ${bug.what}`);
    const hunt = await huntBug(bug, { seed, histories: histories ?? HISTORIES_A_BUG });
    const { complaint, isFound } = hunt;
    areAllFound &&= isFound;
    if (json) {
      console.log(JSON.stringify({ plant: bug.name, ...hunt.result, complaint, found: isFound }));
    }
    const text = isFound
      ? complaint!
      : `NOT FOUND${complaint === null ? "" : `, but ${complaint}`}`;
    rows.push([bug.name, hunt.result.scenario, String(hunt.seed), text]);
    console.error(`  ${hunt.result.scenario}, seed ${hunt.seed}: ${text}`);
  }
  if (!json) console.log(renderTable(["planted bug", "found by", "seed", "complaint"], rows, 150));
  return areAllFound;
}

await runCommand(() => chaos(Deno.args));
