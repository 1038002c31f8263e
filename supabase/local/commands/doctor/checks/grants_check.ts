import type { Check } from "../check.ts";
import type { Sql } from "../../../postgres/connect.ts";
import { APP_TABLES } from "../../adopt/app_tables.ts";
import { type OurMigrations, ourMigrations } from "../../adopt/our_migrations.ts";
import { type Verdict, verdict } from "../verdict.ts";

/** Who can reach what of ours. */
interface Facts {
  reachable: { object: string; grantee: string }[];
  /** Tables without row level security. */
  unguarded: string[];
  /** Of the app's tables: those that strangers reach and that no policy guards. */
  bare: string[];
}

const RIGHTS = "select, insert, update, delete, truncate, references, trigger";

/** That nobody but the engine reaches its tables, views and functions. */
export const grantsCheck: Check<Facts, "database"> = {
  name: "grants",
  needs: ["database"],
  async read({ database }) {
    const ours = await ourMigrations();
    const guarded = await readUnguarded(database, ours);
    return {
      reachable: await readReachable(database, ours),
      unguarded: guarded.filter(({ is_ours }) => is_ours).map(({ name }) => name),
      bare: guarded.filter(({ is_ours }) => !is_ours).map(({ name }) => name),
    };
  },
  judge({ reachable, unguarded, bare }) {
    const faults = [
      ...describeReachable(reachable),
      ...unguarded.map((name) =>
        verdict.fault(
          `The table ${name} has no row level security: ` +
            `alter table public.${name} enable row level security`,
        )
      ),
      ...bare.map((name) =>
        verdict.fault(
          `Whoever has the public key reaches all of ${name}: it has grants, and no row level security`,
        )
      ),
    ];
    if (faults.length > 0) return faults;
    return [verdict.ok("Nothing of ours is reachable by public, anon or authenticated")];
  },
};

async function readReachable(
  sql: Sql,
  { relations, functions }: OurMigrations,
): Promise<Facts["reachable"]> {
  return [
    ...await sql<Facts["reachable"]>`
      select relation.relname as object, grantee.name as grantee
      from pg_class as relation cross join ${grantees(sql)}
      where relation.relnamespace = 'public'::regnamespace
        and relation.relname = any (${relations})
        and relation.relkind in ('r', 'v', 'm', 'p')
        and (
          has_table_privilege(grantee.name, relation.oid, ${RIGHTS})
          or has_any_column_privilege(
            grantee.name, relation.oid, 'select, insert, update, references'
          )
        )
      union all
      select routine.proname || '()', grantee.name
      from pg_proc as routine cross join ${grantees(sql)}
      where routine.pronamespace = 'public'::regnamespace
        and routine.proname = any (${functions})
        and has_function_privilege(grantee.name, routine.oid, 'execute')
      order by 1, 2`,
  ];
}

/** Tables without row level security: ours, and those of the app that strangers reach. */
async function readUnguarded(
  sql: Sql,
  { relations }: OurMigrations,
): Promise<{ name: string; is_ours: boolean }[]> {
  return await sql<{ name: string; is_ours: boolean }[]>`
    select relation.relname as name, relation.relname = any (${relations}) as is_ours
    from pg_class as relation
    where relation.relnamespace = 'public'::regnamespace
      and relation.relkind in ('r', 'p')
      and not relation.relrowsecurity
      and (
        relation.relname = any (${relations})
        or relation.relname = any (${[...APP_TABLES]}) and exists (
          select from ${
    grantees(sql)
  } where has_table_privilege(grantee.name, relation.oid, ${RIGHTS})
        )
      )
    order by 1`;
}

// Asked of roles that there are: has_table_privilege raises for others.
function grantees(sql: Sql) {
  return sql`(
    select 'public' as name
    union all
    select rolname::text from pg_roles where rolname in ('anon', 'authenticated')
  ) as grantee`;
}

function describeReachable(reachable: Facts["reachable"]): Verdict[] {
  const [first] = reachable;
  if (first === undefined) return [];
  const objects = [...new Set(reachable.map(({ object }) => object))];
  const grantees = [...new Set(reachable.map(({ grantee }) => grantee))];
  return [verdict.fault(
    `Reachable by ${grantees.join(", ")}: ${objects.slice(0, 5).join(", ")}` +
      `${objects.length > 5 ? ` and ${objects.length - 5} more` : ""}. ` +
      `Revoke it: revoke all on ${first.object.endsWith("()") ? "function" : "table"} ` +
      `public.${first.object.replace("()", "")} from ${grantees.join(", ")}`,
  )];
}
