import { storableText } from "../_shared/storable.ts";

const MOST_KEYS = 50;
const LONGEST_KEY = 100;
const LONGEST_TEXT = 1_000;
/** Of the JSON of one nested value. */
const LONGEST_NESTED = 1_000;
/** Levels of objects and lists, the variables' own object included. */
const DEEPEST = 3;

/**
 * What the agent noted down, as far as it can be stored and is worth it: 50 keys, texts cut at 1,000
 * characters, nested values only while they are small. Null when it is no object.
 */
export function readExtractedVariables(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const kept: [string, unknown][] = [];
  for (const [key, part] of Object.entries(value)) {
    if (kept.length === MOST_KEYS) break;
    const keptPart = keepPart(part);
    if (key.length <= LONGEST_KEY && keptPart !== undefined) {
      kept.push([storableText(key), keptPart]);
    }
  }
  // Not by assignment, which for the key __proto__ would set the prototype.
  return Object.fromEntries(kept);
}

function keepPart(part: unknown): unknown {
  const kept = keep(part, 1);
  if (typeof kept !== "object" || kept === null) return kept;
  return JSON.stringify(kept).length <= LONGEST_NESTED ? kept : undefined;
}

/** The value made storable, or undefined where something in it is nested too deep. */
function keep(value: unknown, depth: number): unknown {
  if (typeof value === "string") return storableText(value.slice(0, LONGEST_TEXT));
  // 1e400 is good JSON, and no number afterwards.
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEEPEST) return undefined;
  const entries = Object.entries(value).map(([key, part]) =>
    [storableText(key), keep(part, depth + 1)] as const
  );
  if (entries.some(([, part]) => part === undefined)) return undefined;
  return Array.isArray(value) ? entries.map(([, part]) => part) : Object.fromEntries(entries);
}
