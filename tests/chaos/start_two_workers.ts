import type { EmbeddedProject } from "../support/start_embedded_project.ts";
import { startTestFunction, type TestFunction } from "../support/start_test_function.ts";
import { functionEnvironment } from "../faults/function_environment.ts";
import type { Planted } from "./planted/planted.ts";
import { type EmbeddedNeeds, startEmbedded } from "./start_embedded.ts";

/** A project on which two processes of the function work. */
export interface TwoWorkers extends EmbeddedProject {
  readonly second: TestFunction;
  /** Where the second one answers. */
  readonly secondUrl: string;
}

/** How a scenario starts it. */
export function startTwoWorkers(needs: EmbeddedNeeds = {}) {
  return async (plant: Planted | null): Promise<TwoWorkers> => {
    const project = await startEmbedded(needs)(plant);
    const second = await startTestFunction({
      name: "call-dispatch",
      env: functionEnvironment(project),
      ...(plant?.functionsDirectory ? { functionsDirectory: plant.functionsDirectory } : {}),
    });
    return {
      ...project,
      get functionUrl() {
        return project.functionUrl;
      },
      second,
      get secondUrl() {
        return `${second.url}/functions/v1/call-dispatch`;
      },
      async [Symbol.asyncDispose]() {
        await second.stop();
        await project[Symbol.asyncDispose]();
      },
    };
  };
}
