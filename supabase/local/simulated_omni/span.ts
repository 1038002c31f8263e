/** One fixed number, or a range that each use draws from evenly: `100` or `[80, 120]`. */
export type Span = number | readonly [least: number, most: number];

/** The fixed number, or one drawn from the range. */
export function drawFromSpan(span: Span, random: () => number): number {
  if (typeof span === "number") return span;
  const [least, most] = span;
  return least + (most - least) * random();
}
