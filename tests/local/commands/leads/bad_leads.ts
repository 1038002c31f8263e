/** A row that cannot be loaded, and the beginning of what is said about it. */
interface BadRow {
  row: (at: number) => string;
  says: string;
}

/** Ten ways in which a row of `customer_name,phone,stage,time_zone` can be bad. */
const TEN_WAYS: BadRow[] = [
  { row: (at) => `No phone ${at},,new,`, says: "phone" },
  { row: (at) => `Letters ${at},call me,new,`, says: "phone" },
  { row: (at) => `Too short ${at},+1 212 55,new,`, says: "phone" },
  { row: (at) => `No country ${at},212 555 01${at},new,`, says: "phone" },
  { row: (at) => `Odd stage ${at},${numberAt(at)},hot,`, says: "stage" },
  { row: (at) => `Odd zone ${at},${numberAt(at)},new,Mars/Base`, says: "time_zone" },
  { row: (at) => `Too few ${at},${numberAt(at)}`, says: "row" },
  { row: (at) => `Too many ${at},${numberAt(at)},new,,extra`, says: "row" },
  { row: (at) => `Null\u0000 ${at},${numberAt(at)},new,`, says: "customer_name" },
  { row: (at) => `${"long ".repeat(50)}${at},${numberAt(at)},new,`, says: "customer_name" },
];

/** A file of 300 leads of which 40 are bad, four in each way, with what is to be said of each line. */
export function badLeads(): { text: string; faults: Map<number, string> } {
  const lines = ["customer_name,phone,stage,time_zone"];
  const faults = new Map<number, string>();
  for (let at = 0; at < 300; at++) {
    const bad = at % 15 < 2 ? TEN_WAYS[faults.size % TEN_WAYS.length] : undefined;
    if (bad) faults.set(lines.length + 1, bad.says);
    lines.push(bad ? bad.row(at) : `Lead ${at},${numberAt(at)},new,America/New_York`);
  }
  return { text: lines.join("\n") + "\n", faults };
}

function numberAt(at: number): string {
  return `+1 212 555 ${String(1_000 + at)}`;
}
