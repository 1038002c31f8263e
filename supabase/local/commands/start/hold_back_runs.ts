import { z } from "zod";
import type { Intercept } from "../../gateway/intercept.ts";

const beginning = z.looseObject({ run_id: z.string() });

/**
 * Refuses the runs that the database starts by itself, for a lead that comes in or a call that ends:
 * nobody may be called before whoever started us has agreed. A run by hand goes through.
 */
export const holdBackRuns: Intercept = ({ moment, functionName, body }) => {
  if (moment !== "before" || functionName !== "begin_dispatch_run") return;
  if (!beginning.safeParse(parseJson(body)).success) return;
  return Response.json({ message: "It is not time for this run: held back" }, { status: 409 });
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
