/** What becomes of the calls that go on when everything ends here, in a sentence. */
export function describeGoingOn(count: number, { live }: { live: boolean }): string {
  const calls = count === 1 ? "1 call was" : `${count} calls were`;
  return live
    ? `${calls} not known to be over: a later start looks into Omni's call log.`
    : `${calls} still going on: cut off, and nobody learns how they end.`;
}
