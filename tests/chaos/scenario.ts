import type { HistoryVerdict } from "./history_verdict.ts";
import type { Planted } from "./planted/planted.ts";

/** Something that goes wrong, in many histories. */
export interface Scenario {
  /** As it is asked for. */
  name: string;
  /** One line for the help. */
  what: string;
  /** How many histories by default. */
  histories: number;
  /** How many in the short form. */
  short: number;
  /** Whether it has the machine for itself. */
  alone: boolean;
  /** Plays the histories, one after the other, each on an emptied project. */
  play(request: HistoriesRequest): Promise<void>;
}

/** What is to be played. */
export interface HistoriesRequest {
  /** Of the first history; the next one has the next seed. */
  seed: number;
  histories: number;
  /** Whether a small load is enough. */
  isShort: boolean;
  /** A bug that the project is given; null = it is as it is. */
  plant: Planted | null;
  /** Where in the histories of the seed a shrunken one is found; the random ones have such a path. */
  path: string | null;
  /** Takes what came of each; with false, no further one is played. */
  onVerdict: (verdict: HistoryVerdict) => boolean;
}
