import type { HistoryVerdict } from "./history_verdict.ts";
import type { Scenario } from "./scenario.ts";
import { type ScenarioResult, toScenarioResult } from "./scenario_result.ts";

/** How scenarios are played. */
export interface PlayOptions {
  seed: number;
  /** Null: as many as each scenario has by itself. */
  histories: number | null;
  isShort: boolean;
  path: string | null;
  /** Told of what is going on, in lines for the terminal. */
  onProgress: (line: string) => void;
  /** Told of what went wrong, and how to see it again. */
  onComplaint: (line: string) => void;
  /** Given each scenario's result as soon as it is there. */
  onResult: (result: ScenarioResult) => void;
}

// Most histories wait for kills and restarts most of the time.
const LANES = 3;

/** Plays the scenarios, some beside each other; returns the results in the order of the scenarios. */
export async function playScenarios(
  scenarios: readonly Scenario[],
  options: PlayOptions,
): Promise<ScenarioResult[]> {
  const results = new Map<Scenario, ScenarioResult>();
  const play = async (scenario: Scenario) => {
    const result = await playScenario(scenario, options);
    results.set(scenario, result);
    options.onResult(result);
  };
  const waiting = scenarios.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await play(next);
  }));
  for (const scenario of scenarios.filter(({ alone }) => alone)) await play(scenario);
  return scenarios.flatMap((scenario) => results.get(scenario) ?? []);
}

async function playScenario(scenario: Scenario, options: PlayOptions): Promise<ScenarioResult> {
  const { seed, isShort, path, onProgress, onComplaint } = options;
  const histories = options.histories ?? (isShort ? scenario.short : scenario.histories);
  const startedAt = performance.now();
  const verdicts: HistoryVerdict[] = [];
  const onVerdict = (verdict: HistoryVerdict) => {
    verdicts.push(verdict);
    verdict.complaints.forEach((complaint) =>
      onComplaint(`${scenario.name}, seed ${verdict.seed}: ${complaint}`)
    );
    if (verdict.complaints.length > 0) onComplaint(`  ${againWith(scenario, verdict)}`);
    return true;
  };
  try {
    await scenario.play({ seed, histories, isShort, path, plant: null, onVerdict });
  } catch (error) {
    onComplaint(`${scenario.name} broke off: ${error instanceof Error ? error.stack : error}`);
    return { ...toScenarioResult(scenario.name, verdicts), ok: false };
  }
  const result = toScenarioResult(scenario.name, verdicts);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  onProgress(
    `${scenario.name}: ${result.histories} histories in ${seconds} s, ${
      result.ok ? "ok" : "NOT OK"
    }`,
  );
  return result;
}

function againWith({ name }: Scenario, { seed }: HistoryVerdict): string {
  const histories = name === "random" ? "" : " --histories 1";
  return `Again with: deno task chaos --scenario ${name} --seed ${seed}${histories}`;
}
