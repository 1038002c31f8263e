import {
  type EmbeddedProject,
  type EmbeddedProjectOptions,
  startEmbeddedProject,
} from "../support/start_embedded_project.ts";
import type { Planted } from "./planted/planted.ts";

/** What the project of a scenario is started with. */
export interface EmbeddedNeeds extends Pick<EmbeddedProjectOptions, "callEnded"> {
  env?: Record<string, string>;
}

/** How a scenario starts its project, with the bug in it that is to be planted. */
export function startEmbedded({ env, callEnded = false }: EmbeddedNeeds = {}) {
  return async (plant: Planted | null): Promise<EmbeddedProject> => {
    const functionsDirectory = plant?.functionsDirectory;
    const project = await startEmbeddedProject(env, {
      callEnded,
      ...(functionsDirectory ? { functionsDirectory } : {}),
    });
    await plant?.plantInto(project.sql);
    return project;
  };
}
