import { utcMinute } from "../operator/utc_minute.ts";
import { printable } from "../printable.ts";
import { type CallStatus, callStatus } from "./call_status.ts";

const KNOWN = new Set(Object.keys(callStatus.shape));

/** What newer versions of the view tell beside the columns that are known here, a line each. */
export function describeOtherColumns(status: CallStatus): string[] {
  return Object.entries(status)
    .filter(([name, value]) => !KNOWN.has(name) && isTold(value))
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${describe(value)}`);
}

function isTold(value: unknown): boolean {
  return value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function describe(value: unknown): string {
  if (value instanceof Date) return utcMinute(value);
  return printable(typeof value === "object" ? JSON.stringify(value) : String(value));
}
