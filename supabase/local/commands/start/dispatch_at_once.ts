import type { Terminal } from "../terminal.ts";
import { describeProgress } from "./describe_progress.ts";
import { type DispatchReply, postDispatch } from "./post_dispatch.ts";
import type { DispatchRun } from "./read_runs.ts";
import type { RunWatch } from "./run_watch.ts";
import type { Project } from "./start_project.ts";

const LOOK_EVERY_MS = 500;

/** How to watch the run. */
export interface DispatchAtOnceOptions {
  watch: RunWatch;
  terminal: Pick<Terminal, "progress" | "count">;
  /** Called at each look, while the run is under way. */
  onLook: () => Promise<void>;
}

/** Makes one run by hand and shows how far it is; returns the reply, and the run as it was stored. */
export async function dispatchAtOnce(
  project: Project,
  { watch, terminal, onLook }: DispatchAtOnceOptions,
): Promise<DispatchReply & { run: DispatchRun | undefined }> {
  terminal.progress("Calling who is due …");
  let isOver = false;
  const replied = postDispatch(project.stack).finally(() => isOver = true);
  while (!isOver) {
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, LOOK_EVERY_MS);
    await Promise.race([replied, timer.promise]);
    clearTimeout(timeout);
    if (isOver) break;
    await onLook();
    const { underWay: [run] } = await watch.look();
    if (run) terminal.count(describeProgress(run));
  }
  const reply = await replied;
  return { ...reply, run: reply.runId ? await watch.take(reply.runId) : undefined };
}
