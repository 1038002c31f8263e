/** A moment as the commands of the operator write it: 2026-12-01 03:30 UTC. */
export function utcMinute(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
