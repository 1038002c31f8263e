import { maskNumber } from "../../../functions/call-dispatch/mask_number.ts";
import type { NewLead, RowFault } from "./lead_row.ts";
import type { CsvRow } from "./parse_csv.ts";
import { readLeadRow } from "./read_lead_row.ts";
import type { LeadsHeader } from "./read_header.ts";

/** What the rows are judged by. */
export interface LeadsJudgeOptions {
  header: LeadsHeader;
  /** Two-letter country of numbers without a country code; null = none is guessed. */
  country: string | null;
  /** Numbers, E.164, that leads in the database have. */
  knownNumbers: ReadonlySet<string>;
}

/** Tells the rows of one file that can be loaded from those that cannot. */
export class LeadsJudge {
  readonly #lineOfNumber = new Map<string, number>();

  constructor(private readonly options: LeadsJudgeOptions) {}

  /** Judges the next rows of the file. */
  judge(rows: CsvRow[]): { leads: NewLead[]; faults: RowFault[] } {
    const leads: NewLead[] = [];
    const faults: RowFault[] = [];
    for (const row of rows) {
      const read = readLeadRow(row, this.options.header, this.options.country);
      const wrong = "faults" in read
        ? read.faults.join("; ")
        : this.#duplicate(read.lead, row.line);
      if (wrong !== null) faults.push({ line: row.line, text: wrong });
      else if ("lead" in read) leads.push(read.lead);
    }
    return { leads, faults };
  }

  #duplicate({ phone }: NewLead, line: number): string | null {
    const earlier = this.#lineOfNumber.get(phone);
    const masked = maskNumber(phone);
    if (earlier !== undefined) return `phone "${masked}": Line ${earlier} has the same number`;
    if (this.options.knownNumbers.has(phone)) {
      return `phone "${masked}": A lead with this number is already there`;
    }
    this.#lineOfNumber.set(phone, line);
    return null;
  }
}
