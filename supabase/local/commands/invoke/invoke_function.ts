import {
  createClient,
  FunctionsFetchError,
  FunctionsHttpError,
  FunctionsRelayError,
} from "@supabase/supabase-js";
import type { ProjectAccess } from "./project_access.ts";
import { replyWithinMs } from "./reply_within_ms.ts";

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

/** Calls `call-dispatch` by supabase-js, and waits for its reply for `withinMs` at most; never throws. */
export async function invokeFunction(
  access: ProjectAccess,
  options: InvokeFunctionOptions,
  withinMs = replyWithinMs(options),
): Promise<InvokeReply> {
  const late = AbortSignal.timeout(withinMs);
  try {
    return await ask(access, options, late);
  } catch (cause) {
    const error = late.aborted
      ? `call-dispatch at ${access.url} did not answer within ${withinMs / 1_000} s. ` +
        "Is that the project? Look at the function's log"
      : `No answer from ${access.url}: ${cause instanceof Error ? cause.message : String(cause)}`;
    // Whoever waits can go away; the run does not.
    const goesOn = options.dryRun ? "" : ". The run may go on: see deno task status";
    return { httpStatus: 0, body: { ok: false, error: error + goesOn } };
  }
}

async function ask(
  access: ProjectAccess,
  { dryRun, at, respondAsync }: InvokeFunctionOptions,
  signal: AbortSignal,
): Promise<InvokeReply> {
  const { cronJobSecret } = access;
  const { data, error } = await createFunctionsClient(access).invoke(
    `call-dispatch${queryOf(dryRun, at)}`,
    {
      method: "POST",
      signal,
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
  throw error instanceof FunctionsFetchError ? error.context : error;
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
