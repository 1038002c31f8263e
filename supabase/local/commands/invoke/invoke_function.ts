import {
  createClient,
  FunctionsFetchError,
  FunctionsHttpError,
  FunctionsRelayError,
} from "@supabase/supabase-js";
import type { ProjectAccess } from "./project_access.ts";

/** What came back. `httpStatus` 0: nothing did, and the run may be going on all the same. */
export interface InvokeReply {
  httpStatus: number;
  body: unknown;
}

/** What to ask for. */
export interface InvokeFunctionOptions {
  dryRun: boolean;
  /** The moment that a dry run is asked about; null = now. */
  at: Date | null;
  respondAsync: boolean;
}

/** Calls `call-dispatch` by supabase-js. */
export async function invokeFunction(
  access: ProjectAccess,
  { dryRun, at, respondAsync }: InvokeFunctionOptions,
): Promise<InvokeReply> {
  const { cronJobSecret } = access;
  const { data, error } = await createFunctionsClient(access).invoke(
    `call-dispatch${queryOf(dryRun, at)}`,
    {
      method: "POST",
      headers: {
        ...(cronJobSecret === null ? {} : { "x-cron-secret": cronJobSecret }),
        ...(respondAsync ? { prefer: "respond-async" } : {}),
      },
    },
  );
  if (error === null) return { httpStatus: 200, body: data };
  if (error instanceof FunctionsHttpError || error instanceof FunctionsRelayError) {
    const response: Response = error.context;
    return { httpStatus: response.status, body: readBody(await response.text()) };
  }
  const cause: unknown = error instanceof FunctionsFetchError ? error.context : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { httpStatus: 0, body: { ok: false, error: `No answer from ${access.url}: ${message}` } };
}

function queryOf(dryRun: boolean, at: Date | null): string {
  if (!dryRun) return "";
  return `?dry_run=1${at === null ? "" : `&at=${encodeURIComponent(at.toISOString())}`}`;
}

function createFunctionsClient({ url, secretKey }: ProjectAccess) {
  return createClient(url, secretKey ?? "none", {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Without a key of the project none may be sent, not even a made-up one.
    ...(secretKey === null ? { global: { fetch: fetchWithoutKey } } : {}),
  }).functions;
}

function fetchWithoutKey(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  headers.delete("apikey");
  headers.delete("authorization");
  return fetch(input, { ...init, headers });
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { ok: false, error: text.slice(0, 500) };
  }
}
