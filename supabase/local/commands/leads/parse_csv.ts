import { parse } from "csv-parse/sync";

/** A row of a CSV file. */
export interface CsvRow {
  /** The line on which it begins; the first is 1. */
  line: number;
  /** The line on which it ends: another one when a quoted field has line breaks. */
  lastLine: number;
  fields: string[];
}

/** The rows of a CSV text, without those that are blank. */
export interface CsvRows {
  rows: CsvRow[];
  /** Line of the row in which a quote is opened and never closed: it and what follows is lost. */
  unclosedQuoteLine: number | null;
}

const LINE_END = /\r\n|\n|\r/;

/** Splits a CSV text into rows. The separator is the one of `, ; tab` that its first line uses most. */
export function parseCsv(text: string): CsvRows {
  const lines = new LineCounter(text);
  const rows: CsvRow[] = [];
  const keep = (fields: string[], { bytes }: { bytes: number }) => {
    const place = lines.advanceTo(bytes);
    if (fields.some((field) => field.trim() !== "")) rows.push({ ...place, fields });
    return null;
  };
  try {
    parse(lines.bytes, {
      delimiter: separatorOf(text),
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      on_record: keep,
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "CSV_QUOTE_NOT_CLOSED") throw error;
    return { rows, unclosedQuoteLine: lines.advanceTo(lines.bytes.length).line };
  }
  return { rows, unclosedQuoteLine: null };
}

function separatorOf(text: string): string {
  const header = (text.trimStart().split(LINE_END)[0] ?? "").replace(/"[^"]*"/g, "");
  const uses = (separator: string) => header.split(separator).length;
  return [",", ";", "\t"].reduce((most, next) => uses(next) > uses(most) ? next : most);
}

// The parser tells how many bytes a row's end is in, and counts lines differently inside quotes.
class LineCounter {
  readonly bytes: Uint8Array;
  #position = 0;
  #line = 1;

  constructor(text: string) {
    this.bytes = new TextEncoder().encode(text);
  }

  /** The lines from the first that is not blank to `end`, the offset behind a row's line end. */
  advanceTo(end: number): { line: number; lastLine: number } {
    while (this.#position < end && this.#isLineEnd(this.#position)) this.#step();
    const line = this.#line;
    let lastLine = line;
    while (this.#position < end) {
      lastLine = this.#line;
      this.#step();
    }
    return { line, lastLine };
  }

  #isLineEnd(position: number): boolean {
    return this.bytes[position] === 0x0a || this.bytes[position] === 0x0d;
  }

  #step(): void {
    const [byte, next] = [this.bytes[this.#position], this.bytes[this.#position + 1]];
    if (byte === 0x0a || (byte === 0x0d && next !== 0x0a)) this.#line += 1;
    this.#position += 1;
  }
}
