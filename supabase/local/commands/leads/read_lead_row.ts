import { readPhoneNumber } from "../../../functions/call-dispatch/phone_number.ts";
import type { NewLead } from "./lead_row.ts";
import type { LeadsColumn } from "./leads_column.ts";
import type { CsvRow } from "./parse_csv.ts";
import { quote } from "./quote.ts";
import type { LeadsHeader } from "./read_header.ts";

const STAGES = ["new", "contacted", "visit_scheduled", "visit_done", "closed", "lost"];
const LONGEST_NAME = 200;
// Line breaks and tabs become spaces; anything else of this kind has no business in a name.
const CONTROL = /[^\P{Cc}\t\n\r]/u;

/** A row's lead, or what is wrong with it, field by field. */
export type LeadRow = { lead: NewLead } | { faults: string[] };

/**
 * Reads one row of a file of leads.
 *
 * @param country two-letter country of numbers without a country code; null = none is guessed
 */
export function readLeadRow(row: CsvRow, header: LeadsHeader, country: string | null): LeadRow {
  const { width } = header;
  if (row.fields.length !== width) return { faults: [miscounted(row, width)] };
  const faults: string[] = [];
  const read = <T>(column: LeadsColumn, parse: (text: string) => T): T | null => {
    const text = row.fields[header.positions.get(column) ?? -1] ?? "";
    try {
      if (CONTROL.test(text)) throw new Error("has a control character");
      return parse(text.replace(/\s+/gu, " ").trim());
    } catch (error) {
      faults.push(`${column} ${quote(text)}: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  };
  const lead = {
    customer_name: read("customer_name", parseName),
    phone: read("phone", (text) => parsePhone(text, country)) ?? "",
    stage: read("stage", parseStage) ?? "",
    time_zone: read("time_zone", parseTimeZone),
  };
  return faults.length === 0 ? { lead } : { faults };
}

function miscounted({ fields, line, lastLine }: CsvRow, width: number): string {
  const amount = fields.length > width ? "too many" : "too few";
  const span = lastLine > line ? `; the row goes on to line ${lastLine}: is a quote missing?` : "";
  return `row: ${amount} fields, ${fields.length} in place of ${width}${span}`;
}

function parseName(text: string): string | null {
  if ([...text].length > LONGEST_NAME) {
    throw new Error(`is longer than ${LONGEST_NAME} characters`);
  }
  return text === "" ? null : text;
}

function parsePhone(text: string, country: string | null): string {
  if (text === "") throw new Error("is missing");
  const number = readPhoneNumber(text, country);
  if ("e164" in number) return number.e164;
  throw new Error(
    number.reason.replace("or set dispatch_settings.default_country", "or give --country"),
  );
}

function parseStage(text: string): string {
  const stage = text.toLowerCase().replace(/[ -]+/g, "_");
  if (stage === "") return "new";
  if (!STAGES.includes(stage)) throw new Error(`Unknown stage: use one of ${STAGES.join(", ")}`);
  return stage;
}

const knownTimeZones = new Map<string, boolean>();

function parseTimeZone(text: string): string | null {
  if (text === "") return null;
  let isKnown = knownTimeZones.get(text);
  if (isKnown === undefined) knownTimeZones.set(text, isKnown = isTimeZone(text));
  if (!isKnown) throw new Error("Unknown time zone: use an IANA name such as Asia/Kolkata");
  return text;
}

function isTimeZone(text: string): boolean {
  // Offsets, which newer engines take too, say nothing of daylight saving.
  if (!/^[a-z]/i.test(text)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }) !== null;
  } catch {
    return false;
  }
}
