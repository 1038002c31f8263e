import { z } from "zod";

const id = z.guid();

/** True for what can be the id of a lead. */
export function isLeadId(text: string): boolean {
  return id.safeParse(text).success;
}
