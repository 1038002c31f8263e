import { PostgresError, type Sql, type TransactionSql } from "../../postgres/connect.ts";
import { readOnly } from "./read_only.ts";
import type { Refusal } from "./refusals.ts";

/** A check constraint of the app's on a single column. */
interface AppCheck {
  name: string;
  column: string;
  type: string;
  expression: string;
}

/** What the engine writes into columns for which the migrations' own checks do not look. */
const WRITTEN: Record<string, string[]> = {
  channel: ["voice_call"],
  source: ["seed"],
};

/** The checks on follow-ups that would refuse every seed: each is asked for its answer. */
export async function forbiddenWords(sql: Sql): Promise<Refusal[]> {
  const found: Refusal[] = [];
  for (const check of await readOnly(sql, checksOfAColumn) ?? []) {
    for (const word of WRITTEN[check.column] ?? []) {
      if (await allows(sql, check, word)) continue;
      found.push({
        problem: `${check.name} on public.follow_ups does not allow ${word}`,
        mend: "Let the check constraint allow this word, then check again.",
      });
    }
  }
  return found;
}

async function checksOfAColumn(sql: TransactionSql): Promise<AppCheck[]> {
  return await sql<AppCheck[]>`
    select
      rule.conname as name, attname as column, format_type(atttypid, atttypmod) as type,
      pg_get_expr(rule.conbin, rule.conrelid) as expression
    from pg_constraint as rule
    join pg_attribute on attrelid = rule.conrelid and rule.conkey = array[attnum]
    where rule.conrelid = to_regclass('public.follow_ups') and rule.contype = 'c'
      and attname in ${sql(Object.keys(WRITTEN))}`;
}

// Null passes a check. One that cannot be answered by itself, such as one that calls a function that fails,
// is no reason to refuse.
async function allows(sql: Sql, check: AppCheck, word: string): Promise<boolean> {
  const { column, type, expression } = check;
  try {
    const rows = await readOnly(sql, (sql) =>
      sql.unsafe<{ allowed: boolean | null }[]>(
        `select ${expression} as allowed from (select $1::text::${type} as ${column}) as row`,
        [word],
      ));
    return rows?.[0]?.allowed !== false;
  } catch (error) {
    if (error instanceof PostgresError) return true;
    throw error;
  }
}
