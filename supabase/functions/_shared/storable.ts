const LONGEST_TEXT = 2_000;

/**
 * A reply's body in a form that the database can store and an operator can read: JSON where it is
 * JSON and short, else the beginning of the text. Postgres takes neither the null character nor half
 * a surrogate pair, and one such reply must not keep the results of the others from being stored.
 */
export function storable(text: string): unknown {
  const clean = storableText(text);
  if (clean.length > LONGEST_TEXT) return { text: clean.slice(0, LONGEST_TEXT).toWellFormed() };
  try {
    // Only an escape can bring back what was cleaned away; to look at every value costs more than parsing.
    return JSON.parse(
      clean,
      clean.includes("\\u") ? (_key, value) => storableValue(value) : undefined,
    );
  } catch {
    return { text: clean };
  }
}

/** Text without what Postgres cannot store. */
export function storableText(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}

// Called from the leaves up, so what lies deeper is clean already.
function storableValue(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [storableText(key), part]));
}
