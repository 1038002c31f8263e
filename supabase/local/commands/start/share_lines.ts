/**
 * Divides `room` lines among lists of these lengths: each gets an equal share, and what one does not
 * need goes to the others, so that a long list of people called does not hide who was not.
 */
export function shareLines(lengths: number[], room: number): number[] {
  const shares = lengths.map(() => 0);
  let left = room;
  while (left > 0) {
    const wanting = lengths.flatMap((length, index) =>
      length > (shares[index] ?? 0) ? [index] : []
    );
    if (wanting.length === 0) break;
    const each = Math.max(1, Math.floor(left / wanting.length));
    for (const index of wanting) {
      const share = shares[index] ?? 0;
      const more = Math.min(each, left, (lengths[index] ?? 0) - share);
      shares[index] = share + more;
      left -= more;
    }
  }
  return shares;
}
