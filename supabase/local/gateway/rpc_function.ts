import type { Sql } from "../postgres/connect.ts";

/** How a result is put into JSON. */
export type ResultShape = "void" | "scalar" | "composite";

/** A database function of schema `public`, as far as calling it goes. */
export interface RpcFunction {
  name: string;
  /** Its named input arguments, in order, with their types as SQL spells them. */
  arguments: { name: string; type: string; optional: boolean }[];
  returnsSet: boolean;
  shape: ResultShape;
}

interface CatalogueRow {
  argument_names: string[];
  argument_types: string[];
  defaults: number;
  returns_set: boolean;
  shape: ResultShape;
}

/** Reads every function of `public` that is called `name`; overloads make it several. */
export async function rpcFunctions(sql: Sql, name: string): Promise<RpcFunction[]> {
  const rows = await sql<CatalogueRow[]>`
    select
      coalesce(inputs.names, '[]') as argument_names,
      coalesce(inputs.types, '[]') as argument_types,
      routine.pronargdefaults::integer as defaults,
      routine.proretset as returns_set,
      case
        when result.oid = 'void'::regtype then 'void'
        -- A table function with a single column returns objects all the same.
        when result.typtype = 'c' or routine.proargmodes && '{t,b,o}'::"char"[] then 'composite'
        else 'scalar'
      end as shape
    from pg_catalog.pg_proc as routine
    join pg_catalog.pg_type as result on result.oid = routine.prorettype
    cross join lateral (
      select
        json_agg(coalesce(routine.proargnames[position], '') order by position) as names,
        json_agg(pg_catalog.format_type(type, null) order by position) as types
      from unnest(coalesce(routine.proallargtypes, routine.proargtypes::oid[])) with ordinality
        as argument(type, position)
      where coalesce(routine.proargmodes[position], 'i') in ('i', 'b', 'v')
    ) as inputs
    where routine.pronamespace = 'public'::regnamespace and routine.proname = ${name}
      and routine.prokind = 'f' and result.oid <> 'trigger'::regtype`;
  return rows.map((row) => fromCatalogue(name, row));
}

function fromCatalogue(name: string, row: CatalogueRow): RpcFunction {
  const required = row.argument_names.length - row.defaults;
  return {
    name,
    arguments: row.argument_names.map((argument, index) => ({
      name: argument,
      type: row.argument_types[index] ?? "text",
      optional: index >= required,
    })),
    returnsSet: row.returns_set,
    shape: row.shape,
  };
}
