/** To three places. */
export function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
