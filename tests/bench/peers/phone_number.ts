/** The number of the job that is `index` behind the first one, E.164. */
export function phoneNumber(firstNumber: number, index: number): string {
  return `+${firstNumber + index}`;
}
