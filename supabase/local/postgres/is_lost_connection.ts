import { PostgresError } from "./connect.ts";

// Of the system's sockets and name service, and of the driver.
const CODE = /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_)|CONNECT_TIMEOUT$|CONNECTION_)/;

// The driver writes to a socket that is there no more.
const THROWN_BY_DRIVER = /^TypeError: .*\n\s+at [^\n]*\/postgres\/[^\n]*\/connection\.js:/;

/** Whether an error says that there is no way to the database, or none any more. */
export function isLostConnection(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof PostgresError) return false;
  return "code" in error ? CODE.test(String(error.code)) : THROWN_BY_DRIVER.test(error.stack ?? "");
}
