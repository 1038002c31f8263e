import { z } from "zod";

/** Raised for a request that is not understood; the message names the part and what to do. */
export class BadRequest extends Error {
  override name = "BadRequest";
}

/** What the caller asks for. */
export interface DispatchRequest {
  dryRun: boolean;
  /** Answer 202 at once and work on afterwards. */
  respondAsync: boolean;
  /** The run row that the database has already written; absent for a manual run. */
  runId?: string | undefined;
  source: RunSource;
}

export type RunSource = z.infer<typeof body>["source"];

const LONGEST_BODY_BYTES = 10_000;

const body = z.strictObject({
  run_id: z.guid().optional(),
  source: z.enum(["pg_cron", "manual", "new_lead", "call_ended", "continuation"]).default("manual"),
});

/**
 * Parses the query and the body of a request.
 *
 * @throws {BadRequest} for anything that is not known: a misspelt `dry_run` must not ring people.
 */
export async function parseDispatchRequest(request: Request): Promise<DispatchRequest> {
  const dryRun = readDryRun(new URL(request.url).searchParams);
  const { run_id, source } = readBody(await readText(request));
  const prefer = (request.headers.get("prefer") ?? "").toLowerCase().split(/[,;]/);
  return {
    dryRun,
    respondAsync: prefer.some((part) => part.trim() === "respond-async"),
    runId: run_id,
    source,
  };
}

function readDryRun(query: URLSearchParams): boolean {
  for (const name of query.keys()) {
    if (name !== "dry_run") throw new BadRequest(`Unknown query parameter "${name}": use dry_run`);
  }
  const [value = null, ...others] = query.getAll("dry_run");
  if (others.length > 0) {
    throw new BadRequest("Query parameter dry_run is given twice: use it once");
  }
  if (value === null || value === "0" || value === "false") return false;
  if (value === "1" || value === "true") return true;
  throw new BadRequest(`Cannot read query parameter dry_run "${value}": use 1 or 0`);
}

async function readText(request: Request): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LONGEST_BODY_BYTES) {
      throw new BadRequest(`Cannot read the body: it is longer than ${LONGEST_BODY_BYTES} bytes`);
    }
  }
  return text + decoder.decode();
}

function readBody(text: string): z.infer<typeof body> {
  if (text.trim() === "") return { source: "manual" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BadRequest("Cannot read the body: it is not JSON");
  }
  const parsed = body.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    `${issue.path.join(".") || "body"}: ${issue.message}`
  );
  throw new BadRequest(`Cannot read the body: ${faults.join("; ")}`);
}
