import type { Sql } from "../../postgres/connect.ts";
import { APP_TABLES, type AppTable, appTables } from "./app_tables.ts";
import { findProblems, type Problems } from "./find_problems.ts";
import { type FirstRun, firstRun } from "./first_run.ts";
import { forbiddenWords } from "./forbidden_words.ts";
import { type OurMigrations, ourMigrations } from "./our_migrations.ts";
import { readOnly } from "./read_only.ts";
import { type Refusal, refusals } from "./refusals.ts";
import { type WordsInUse, wordsInUse } from "./words_in_use.ts";

/** All that `adopt --check` tells. */
export interface Findings extends Problems {
  /** True when nothing has to be mended first. */
  ok: boolean;
  /** Migrations of ours that this database has, and has not. */
  migrations: { applied: number; pending: number };
  tables: AppTable[];
  words_in_use: WordsInUse[];
  /** What the pending migrations add to the app's tables. */
  adds: {
    columns: string[];
    words: string[];
    triggers: string[];
    indexes: string[];
    tables: string[];
  };
  /** Columns of the app that are neither read nor written. */
  untouched: string[];
  /** Null = it took longer than 5 s to count. */
  first_run: FirstRun | null;
}

/** Reads what there is, and judges it. */
export async function findOut(sql: Sql): Promise<Findings> {
  const ours = await ourMigrations();
  const tables = await need(readOnly(sql, appTables), "the catalogue");
  const around = await need(readOnly(sql, surroundings), "the catalogue");
  const applied = around.versions.filter((version) => ours.versions.includes(version)).length;
  const refused: Refusal[] = applied > 0 ? [] : await refusals(sql, ours.checks);
  const forbidden = await forbiddenWords(sql);
  const judged = findProblems(tables, ours, {
    ...around,
    ...(applied > 0 ? { relations: [], functions: [] } : {}),
  });
  const problems = [...refused, ...forbidden, ...judged.problems];
  return {
    ok: problems.length === 0,
    migrations: { applied, pending: ours.versions.length - applied },
    tables,
    words_in_use: await wordsInUse(sql, tables),
    adds: additions(tables, ours, around.relations),
    untouched: untouched(tables, ours),
    problems,
    warnings: judged.warnings,
    first_run: await firstRun(sql, tables),
  };
}

async function need<T>(answer: Promise<T | null>, what: string): Promise<T> {
  const found = await answer;
  if (found === null) {
    throw new Error(`Cannot read ${what} within 5 s: try again in a quieter moment`);
  }
  return found;
}

async function surroundings(sql: Parameters<Parameters<typeof readOnly>[1]>[0]) {
  const [row] = await sql<
    { relations: string[]; functions: string[]; time_zone: string; ledger: boolean }[]
  >`
    select
      coalesce(
        (
          select json_agg(relname) from pg_class
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f', 'i', 'I')
        ), '[]'
      ) as relations,
      coalesce(
        (
          select json_agg(distinct proname) from pg_proc
          where pronamespace = 'public'::regnamespace
            and not exists (
              select from pg_depend where classid = 'pg_proc'::regclass and objid = pg_proc.oid
                and deptype = 'e'
            )
        ), '[]'
      ) as functions,
      current_setting('TimeZone') as time_zone,
      to_regclass('supabase_migrations.schema_migrations') is not null as ledger`;
  const versions = row!.ledger
    ? await sql<{ version: string }[]>`select version from supabase_migrations.schema_migrations`
    : [];
  return { ...row!, versions: versions.map(({ version }) => version) };
}

function additions(tables: AppTable[], ours: OurMigrations, relations: string[]): Findings["adds"] {
  const own = (name: string) => tables.find((table) => table.name === name);
  const column = (table: string, name: string) =>
    own(table)?.columns.find((column) => column.name === name);
  return {
    columns: ours.columns
      .filter(({ table, name }) => own(table) && !column(table, name))
      .map(({ table, name }) => `${table}.${name}`),
    words: [
      ...new Set(
        ours.words
          .filter(({ table, column: of, word }) =>
            column(table, of)?.words?.includes(word) === false
          )
          .map(({ table, column: of, word }) => `${table}.${of}: ${word}`),
      ),
    ],
    triggers: ours.triggers
      .filter(({ table, name }) => own(table) && !own(table)!.triggers.some((t) => t.name === name))
      .map(({ table, name }) => `${name} on ${table}`),
    indexes: ours.indexes
      .filter(({ table, name }) => own(table) && !relations.includes(name))
      .map(({ table, name }) => `${name} on ${table}`),
    tables: [...APP_TABLES, ...ours.relations].filter((name) => !relations.includes(name)),
  };
}

function untouched(tables: AppTable[], ours: OurMigrations): string[] {
  return tables.flatMap(({ name, columns }) =>
    columns
      .filter((column) =>
        !["id", "lead_id"].includes(column.name) &&
        !ours.columns.some((added) => added.table === name && added.name === column.name)
      )
      .map((column) => `${name}.${column.name}`)
  );
}
