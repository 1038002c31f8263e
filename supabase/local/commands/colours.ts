import { createColors } from "picocolors";
import type { Terminal } from "./terminal.ts";

/** Each gives a text back in its colour, or as it is where no colours are wanted. */
export type Colours = Pick<
  ReturnType<typeof createColors>,
  "bold" | "dim" | "green" | "yellow" | "red"
>;

/** Colours for a terminal; none where the words go elsewhere, or NO_COLOR is set to anything. */
export function coloursFor(
  { width }: Pick<Terminal, "width">,
  noColor = Deno.env.get("NO_COLOR"),
): Colours {
  return createColors(width !== null && !noColor);
}
