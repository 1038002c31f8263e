import type { Terminal } from "../terminal.ts";
import { describeNextTick } from "./describe_next_tick.ts";
import { describeProgress } from "./describe_progress.ts";
import type { DispatchRun } from "./read_runs.ts";
import type { RunWatch } from "./run_watch.ts";
import type { Project } from "./start_project.ts";
import { TickWatch } from "./tick_watch.ts";
import { timeOfDay } from "./time_of_day.ts";

const LOOK_EVERY_MS = 500;

/** How to follow, and who hears of it. */
export interface FollowScheduleOptions {
  project: Project;
  terminal: Terminal;
  /** Ms between two ticks; null = the real schedule. */
  everyMs: number | null;
  /** Aborted when it is to end. */
  stopped: AbortSignal;
  /** Called once for each run that has ended. */
  onEnded: (run: DispatchRun) => Promise<void>;
  /** Called at each look, the last one included. */
  onLook: () => Promise<void>;
}

/** Lets the schedule go and shows every run and tick, until stopped; what ends last is shown too. */
export async function followSchedule(
  watch: RunWatch,
  options: FollowScheduleOptions,
): Promise<void> {
  const { project, terminal, everyMs, stopped } = options;
  const ticks = await TickWatch.fromNow(project.sql);
  await project.startClock(everyMs);
  terminal.say("The schedule goes on from here; Ctrl-C ends it.");
  while (!stopped.aborted) {
    try {
      await lookOnce(watch, ticks, options);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      terminal.progress(`The database cannot be asked, trying again: ${message}`);
    }
    await sleep(LOOK_EVERY_MS, stopped);
  }
  await project.stopWork();
  for (const run of (await watch.look()).ended) await options.onEnded(run);
  await options.onLook();
}

async function lookOnce(
  watch: RunWatch,
  ticks: TickWatch,
  { project, terminal, everyMs, onEnded, onLook }: FollowScheduleOptions,
): Promise<void> {
  const { ended, underWay: [run] } = await watch.look();
  for (const run of ended) await onEnded(run);
  await onLook();
  for (const { at, did } of await ticks.look()) {
    if (did !== "started a run") terminal.say(`Tick at ${timeOfDay(at)}: ${did}`);
  }
  if (run) terminal.count(describeProgress(run));
  else terminal.progress(await describeNextTick(project.sql, { everyMs, lastTick: ticks.last }));
}

function sleep(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stopped.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
