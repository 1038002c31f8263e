/** Hours, minutes and seconds where the reader is. */
export function timeOfDay(moment: Date): string {
  return moment.toTimeString().slice(0, 8);
}
