/** How many ways of writing a number there are. */
export const SPELLINGS = 4;

/** A number of the United States, E.164, as people write it; `spelling` from 0. */
export function spellNumber(number: string, spelling: number): string {
  const [area, exchange, line] = [number.slice(2, 5), number.slice(5, 8), number.slice(8)];
  const spellings = [
    number,
    `+1 (${area}) ${exchange}-${line}`,
    `001 ${area} ${exchange} ${line}`,
    `${area} ${exchange} ${line}`,
  ];
  return spellings[spelling]!;
}
