import type { Killable } from "../faults/kill_at.ts";
import { ChaosWorld } from "./chaos_world.ts";
import { Draw } from "./draw.ts";
import type { HistoryVerdict } from "./history_verdict.ts";
import { judgeHistory } from "./judge_history.ts";
import { recover } from "./recover.ts";
import type { Planted } from "./planted/planted.ts";
import type { Scenario } from "./scenario.ts";

const PATIENCE_MS = 180_000;
const ENDLESS = "The history did not come to an end";

/** A scenario whose histories each bring one kind of fault to a project. */
export interface Play<Project> {
  name: string;
  what: string;
  histories: number;
  short: number;
  alone?: boolean;
  /** How long a history may take, in ms, recovery included; default three minutes. */
  patienceMs?: number;
  /** Starts the project that all its histories are played on. */
  start: (plant: Planted | null) => Promise<Project>;
  /** Brings the fault, and ends it at the latest when it returns. */
  bring: (world: ChaosWorld<Project & Killable>, isShort: boolean) => Promise<void>;
}

/** Makes a scenario of it: after each fault the project recovers, and is judged. */
export function playedScenario<Project extends Killable>(play: Play<Project>): Scenario {
  const { name, what, histories, short, alone = false } = play;
  return {
    name,
    what,
    histories,
    short,
    alone,
    async play({ seed, histories, isShort, plant, onVerdict }) {
      await using project = await play.start(plant);
      for (let history = 0; history < histories; history += 1) {
        const verdict = await playOnce(play, project, { seed: seed + history, isShort });
        if (!onVerdict(verdict) || verdict.complaints.includes(ENDLESS)) return;
      }
    },
  };
}

async function playOnce<Project extends Killable>(
  play: Play<Project>,
  project: Project,
  { seed, isShort }: { seed: number; isShort: boolean },
): Promise<HistoryVerdict> {
  const world = await ChaosWorld.begin(project, new Draw(seed));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(ENDLESS)), play.patienceMs ?? PATIENCE_MS);
  const complain = (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    world.complaints.push(text === ENDLESS ? text : `The history broke off: ${text}`);
    return 0;
  };
  try {
    await Promise.race([play.bring(world, isShort), late.promise]).catch(complain);
    // Also after a fault that could not be brought: who is called then is not lost.
    const recoveryS = world.complaints.includes(ENDLESS)
      ? 0
      : await Promise.race([recover(world), late.promise]).catch(complain);
    return await judgeHistory(world, { seed, recoveryS });
  } finally {
    clearTimeout(timer);
    world.end();
  }
}
