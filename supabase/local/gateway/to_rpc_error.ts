import { PostgresError } from "../postgres/connect.ts";
import { RpcError } from "./rpc_error.ts";

// PostgREST's table. The first prefix that fits counts, so whole codes come before their class.
const STATUS_BY_SQLSTATE: [string, number][] = [
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["42883", 404],
  ["42P01", 404],
  ["42P17", 500],
  ["53400", 500],
  ["57P01", 503],
  ["57P03", 503],
  ["P0001", 400],
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53", 503],
  ["54", 500],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0", 500],
  ["XX", 500],
];

/**
 * Turns what went wrong in a call into PostgREST's answer. `signedIn` is false for the role `anon`,
 * which is asked to authenticate where others are told that they may not.
 */
export function toRpcError(error: unknown, signedIn: boolean): RpcError {
  if (error instanceof RpcError) return error;
  if (!(error instanceof PostgresError)) return otherError(error);
  return new RpcError(statusOf(error.code, signedIn), {
    code: error.code,
    message: error.message,
    details: error.detail ?? null,
    hint: error.hint ?? null,
  });
}

function statusOf(sqlState: string, signedIn: boolean): number {
  if (sqlState === "42501") return signedIn ? 403 : 401;
  // `raise sqlstate 'PT418'` chooses the status by itself.
  const chosen = /^PT([1-5]\d\d)$/.exec(sqlState)?.[1];
  if (chosen) return Number(chosen);
  return STATUS_BY_SQLSTATE.find(([prefix]) => sqlState.startsWith(prefix))?.[1] ?? 400;
}

// Errors of the driver and of the network carry a code; anything else is a fault of the gateway.
function otherError(error: unknown): RpcError {
  const details = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "code" in error) {
    const message = "Database client error. Retrying the connection.";
    return new RpcError(503, { code: "PGRST001", message, details, hint: null });
  }
  const message = "The local gateway failed";
  return new RpcError(500, { code: "PGRSTX00", message, details, hint: null });
}
