import { askForRun } from "../support/project.ts";
import type { Project } from "../support/project.ts";
import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";
import type { TestFunction } from "../support/start_test_function.ts";
import { type HeldCall, holdAt, type Moment } from "./hold_at.ts";

/** Whose process is killed, and through which gateway it asks. */
export type Killable = Project & { readonly gateway: Gateway; readonly function: TestFunction };

/**
 * Begins a run, and kills the process while the database or its answer is held at that moment; null
 * when the moment never came: then the process is killed after its run.
 */
export async function killAt(project: Killable, at: Moment): Promise<HeldCall | null> {
  const held = holdAt(project.gateway, at);
  const reply = askForRun(project).then((response) => response.text()).catch(() => "");
  const call = await Promise.race([held, reply.then(() => null)]);
  await project.function.kill();
  project.gateway.intercept = undefined;
  await reply;
  return call;
}
