import { connect, PostgresError, type Sql } from "../postgres/connect.ts";
import type { ApiRole } from "./api_keys.ts";
import { chooseOverload } from "./choose_overload.ts";
import { RpcError } from "./rpc_error.ts";
import { type RpcFunction, rpcFunctions } from "./rpc_function.ts";
import { rpcStatement } from "./rpc_statement.ts";

const STATEMENT_TIMEOUT = "8s";
const CATALOGUE_TTL_MS = 2_000;
const POOL_SIZE = 10;

/** A function's result: JSON text, or null for `void`. */
export interface RpcResult {
  json: string | null;
  returnsSet: boolean;
}

/** Calls functions of `public` over one pool of connections as the role `authenticator`. */
export class RpcCaller {
  readonly #sql: Sql;
  readonly #catalogue = new Map<string, { overloads: Promise<RpcFunction[]>; until: number }>();

  constructor(authenticatorUrl: string) {
    this.#sql = connect(authenticatorUrl, {
      max: POOL_SIZE,
      connect_timeout: 5,
      // A round trip at every connect that serves arrays only, and here all is JSON text.
      fetch_types: false,
      connection: { application_name: "gateway", standard_conforming_strings: "on" },
    });
  }

  /** Runs function `name` as `role` with the named arguments of the JSON object text `body`. */
  async call(name: string, role: ApiRole, body: string): Promise<RpcResult> {
    const given = argumentNames(body);
    const rpc = await this.#choose(name, given);
    try {
      const json = await this.#run(rpc, role, rpcStatement(rpc, given, body.trim() || "{}"));
      return { json: rpc.shape === "void" ? null : json, returnsSet: rpc.returnsSet };
    } catch (error) {
      // The function may have been replaced by one with another signature.
      if (error instanceof PostgresError && error.code.startsWith("42")) {
        this.#catalogue.delete(name);
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 2 });
  }

  // One message: Postgres runs the statements of a message in one transaction, which commits at its
  // end and leaves nothing behind on the connection when one of them fails.
  async #run(rpc: RpcFunction, role: ApiRole, statement: string): Promise<string> {
    const results = await this.#sql.unsafe<{ body: string }[][]>(
      `select set_config('role', '${role}', true),
        set_config('request.jwt.claims', '{"role":"${role}"}', true),
        set_config('request.method', 'POST', true),
        set_config('request.path', '/rpc/${rpc.name.replaceAll("'", "''")}', true),
        set_config('statement_timeout', '${STATEMENT_TIMEOUT}', true);
      ${statement}`,
    ).simple();
    return results[1]?.[0]?.body ?? "null";
  }

  async #choose(name: string, given: string[]): Promise<RpcFunction> {
    try {
      return chooseOverload(name, await this.#overloads(name), given);
    } catch (error) {
      // A migration may have brought the one that is meant since the catalogue was read.
      if (!(error instanceof RpcError) || !this.#catalogue.delete(name)) throw error;
      return chooseOverload(name, await this.#overloads(name), given);
    }
  }

  #overloads(name: string): Promise<RpcFunction[]> {
    const cached = this.#catalogue.get(name);
    if (cached && cached.until > Date.now()) return cached.overloads;
    const overloads = rpcFunctions(this.#sql, name);
    const entry = { overloads, until: Date.now() + CATALOGUE_TTL_MS };
    this.#catalogue.set(name, entry);
    // What is not there now may be created in a moment, and a failed look-up says nothing.
    overloads.then(
      (found) => found.length === 0 && this.#catalogue.delete(name),
      () => this.#catalogue.delete(name),
    );
    return overloads;
  }
}

function argumentNames(body: string): string[] {
  if (body.trim() === "") return [];
  const parsed = parseJson(body);
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
    return Object.keys(parsed);
  }
  throw badBody("the body is not a JSON object of named arguments");
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw badBody(error instanceof Error ? error.message : String(error));
  }
}

function badBody(details: string): RpcError {
  return new RpcError(400, {
    code: "PGRST102",
    message: "Empty or invalid json",
    details,
    hint: null,
  });
}
