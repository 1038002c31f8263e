import type { Settings } from "./read_settings.ts";

/** About whom, and when. */
export interface Question {
  leadId: string;
  /** E.164; null when it cannot be read. */
  number: string | null;
  /** Why not. */
  unreadable: string | null;
  at: Date;
  settings: Settings;
}
