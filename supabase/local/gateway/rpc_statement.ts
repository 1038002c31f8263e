import type { RpcFunction } from "./rpc_function.ts";

/** Rows that a set-returning function answers at most; the rest is cut off without a word. */
const MAX_ROWS = 1000;

/**
 * The statement that calls `rpc` with the arguments in the JSON text `body` and returns its result
 * as JSON text in the column `body`. Postgres itself converts the arguments, from the text as it
 * came, so that no digit of a bigint is lost on the way.
 */
export function rpcStatement(rpc: RpcFunction, given: string[], body: string): string {
  const passed = rpc.arguments.filter(({ name }) => given.includes(name));
  const columns = passed.map(({ name, type }) => `${identifier(name)} ${type}`).join(", ");
  const source = passed.length === 0
    ? ""
    : `pg_catalog.json_to_record(${literal(body)}::json) as body(${columns}) cross join lateral `;
  const values = passed.map(({ name }) => `${identifier(name)} => body.${identifier(name)}`);
  const call = `public.${identifier(rpc.name)}(${values.join(", ")})`;
  // In `from`, because a function there is called even though nothing is read from it.
  if (rpc.shape === "void") return `select 'null' as body from ${source}${call} as result`;
  return rpc.shape === "composite"
    ? compositeResult(rpc, source, call)
    : scalarResult(rpc, source, call);
}

function compositeResult(rpc: RpcFunction, source: string, call: string): string {
  const rows = `(select result.* from ${source}${call} as result limit ${MAX_ROWS}) as row`;
  return rpc.returnsSet
    ? `select coalesce(pg_catalog.json_agg(row), '[]')::text as body from ${rows}`
    : `select pg_catalog.row_to_json(row)::text as body from ${rows}`;
}

function scalarResult(rpc: RpcFunction, source: string, call: string): string {
  const rows = `(select result.value from ${source}${call} as result(value) limit ${MAX_ROWS})`;
  return rpc.returnsSet
    ? `select coalesce(pg_catalog.json_agg(value), '[]')::text as body from ${rows} as row`
    : `select pg_catalog.to_json(value)::text as body from ${rows} as row`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// Safe as it stands with standard_conforming_strings, which the pool pins.
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
