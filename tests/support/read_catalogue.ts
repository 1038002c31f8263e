import type { Sql } from "../../supabase/local/postgres/connect.ts";

/** What a schema offers to those who use it, each object as one line, in the order of the alphabet. */
export interface Catalogue {
  /** `table.column type`, with `not null` and the default. */
  columns: string[];
  /** `name(arguments with their defaults) returns type`, with `strict` and `security definer`. */
  routines: string[];
  /** `name: kind`, with `unlogged`, `row level security` and the rights of PUBLIC. */
  relations: string[];
}

/** Reads the schema from the catalogue of PostgreSQL. */
export async function readCatalogue(sql: Sql, schema: string): Promise<Catalogue> {
  const columns = await sql<{ line: string }[]>`
    select format('%s.%s %s', relation.relname, attname, format_type(atttypid, atttypmod))
      || case when attnotnull then ' not null' else '' end
      || coalesce(' default ' || pg_get_expr(adbin, adrelid), '') as line
    from pg_attribute
    join pg_class as relation on relation.oid = attrelid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relnamespace = ${schema}::regnamespace
      and relkind in ('r', 'v', 'c') and attnum > 0 and not attisdropped`;
  const routines = await sql<{ line: string }[]>`
    select format(
        '%s(%s) returns %s', proname, pg_get_function_arguments(oid), pg_get_function_result(oid)
      )
      || case when proisstrict then ' strict' else '' end
      || case when prosecdef then ' security definer' else '' end as line
    from pg_proc where pronamespace = ${schema}::regnamespace`;
  const relations = await sql<{ line: string }[]>`
    select relation.relname || ': '
      || case relkind when 'r' then 'table' when 'v' then 'view' else 'sequence' end
      || case relpersistence when 'u' then ', unlogged' else '' end
      || case when relrowsecurity then ', row level security' else '' end
      || coalesce(
        ', public: ' || (
          select string_agg(lower(privilege_type), ' ' order by privilege_type)
          from aclexplode(relacl)
          -- From PostgreSQL 17 on ALL holds one more.
          where grantee = 0 and privilege_type <> 'MAINTAIN'
        ), ''
      ) as line
    from pg_class as relation
    where relnamespace = ${schema}::regnamespace and relkind in ('r', 'v', 'S')`;
  const lines = (rows: { line: string }[]) => rows.map((row) => row.line).toSorted();
  return { columns: lines(columns), routines: lines(routines), relations: lines(relations) };
}
