import type { TransactionSql } from "../../postgres/connect.ts";

/** The tables that a project may have already. */
export const APP_TABLES = ["leads", "follow_ups"] as const;
export type AppTableName = typeof APP_TABLES[number];

/** A column as the catalogue tells it. */
export interface AppColumn {
  name: string;
  type: string;
  /** The words of an enum, else null. */
  words: string[] | null;
  /** Most characters; null = no limit. */
  longest: number | null;
  required: boolean;
  has_default: boolean;
}

/** One of the app's tables. */
export interface AppTable {
  name: AppTableName;
  /** As the planner estimates; null = never analysed. */
  rows_estimated: number | null;
  row_level_security: boolean;
  policies: number;
  columns: AppColumn[];
  /** Written as in SQL. */
  triggers: { name: string; does: string }[];
  foreign_keys: string[];
  checks: string[];
  /** Unique rules but for the primary key. */
  unique: { name: string; rule: string }[];
}

/** Reads the app's tables from the catalogue: no row of theirs, and no lock on them. */
export async function appTables(sql: TransactionSql): Promise<AppTable[]> {
  return [
    ...await sql<AppTable[]>`
      select
        relation.relname as name,
        case when relation.reltuples >= 0 then relation.reltuples::float8 end as rows_estimated,
        relation.relrowsecurity as row_level_security,
        (select count(*)::int from pg_policy where polrelid = relation.oid) as policies,
        coalesce(
          (
            select json_agg(json_build_object(
              'name', attname, 'type', format_type(atttypid, atttypmod),
              'words', (
                select json_agg(enumlabel order by enumsortorder) from pg_enum
                where enumtypid = atttypid
              ),
              'longest', case when atttypid in (1042, 1043) and atttypmod > 4
                then atttypmod - 4 end,
              'required', attnotnull,
              'has_default', atthasdef or attidentity <> '' or attgenerated <> ''
            ) order by attnum)
            from pg_attribute
            where attrelid = relation.oid and attnum > 0 and not attisdropped
          ), '[]'
        ) as columns,
        coalesce(
          (
            select json_agg(
              json_build_object('name', tgname, 'does', pg_get_triggerdef(oid)) order by tgname
            )
            from pg_trigger where tgrelid = relation.oid and not tgisinternal
          ), '[]'
        ) as triggers,
        coalesce(
          (
            select json_agg(conname || ' ' || pg_get_constraintdef(oid) order by conname)
            from pg_constraint where conrelid = relation.oid and contype = 'f'
          ), '[]'
        ) as foreign_keys,
        coalesce(
          (
            select json_agg(conname || ' ' || pg_get_constraintdef(oid) order by conname)
            from pg_constraint where conrelid = relation.oid and contype = 'c'
          ), '[]'
        ) as checks,
        coalesce(
          (
            select json_agg(
              json_build_object('name', relname, 'rule', pg_get_indexdef(indexrelid))
              order by relname
            )
            from pg_index join pg_class on pg_class.oid = indexrelid
            where indrelid = relation.oid and indisunique and not indisprimary
          ), '[]'
        ) as "unique"
      from pg_class as relation
      where relation.relnamespace = 'public'::regnamespace
        and relation.relkind in ('r', 'p')
        and relation.relname in ${sql([...APP_TABLES])}
      order by relation.relname desc`,
  ];
}
