/** The whole number that a text is, within these bounds; null when it is none. */
export function wholeNumber(text: string, least: number, most: number): number | null {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : null;
}
