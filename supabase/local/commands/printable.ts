/**
 * Text of others on one line of a terminal: control characters, which could move the cursor or
 * change colours, become `·`, and what is longer than `longest` characters is cut.
 */
export function printable(text: string, longest = 200): string {
  const line = text.replace(/\s+/gu, " ").replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "·").trim();
  const characters = [...line];
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join("")}…`;
}
