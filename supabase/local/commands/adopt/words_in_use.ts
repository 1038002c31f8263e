import type { Sql } from "../../postgres/connect.ts";
import type { AppTable } from "./app_tables.ts";
import { readOnly } from "./read_only.ts";

const COLUMNS = { leads: ["stage"], follow_ups: ["channel", "status"] } as const;

/** How many rows have which word; `counts` null = it took longer than 5 s. */
export interface WordsInUse {
  /** Such as `leads.stage`. */
  column: string;
  counts: { word: string; rows: number }[] | null;
}

/** Counts the words that decide who is called: stages, channels and statuses; the 20 most frequent. */
export async function wordsInUse(sql: Sql, tables: AppTable[]): Promise<WordsInUse[]> {
  const found: WordsInUse[] = [];
  for (const { name, columns } of tables) {
    for (const column of COLUMNS[name]) {
      if (!columns.some((known) => known.name === column)) continue;
      const counts = await readOnly(sql, (sql) =>
        sql<{ word: string; rows: number }[]>`
        select coalesce(${sql(column)}::text, '(empty)') as word, count(*)::int as rows
        from public.${sql(name)} group by 1 order by 2 desc, 1 limit 20`);
      found.push({ column: `${name}.${column}`, counts: counts && [...counts] });
    }
  }
  return found;
}
