import { z } from "zod";
import { readMomentText } from "../_shared/read_moment_text.ts";

/** Raised for a request that is not understood; the message names the part and what to do. */
export class BadRequest extends Error {
  override name = "BadRequest";
}

/** What the caller asks for. */
export interface DispatchRequest {
  dryRun: boolean;
  /** The moment that the dry run is asked about; absent = now. */
  at?: Date | undefined;
  /** Answer 202 at once and work on afterwards. */
  respondAsync: boolean;
  /** The run row that the database has already written; absent for a manual run. */
  runId?: string | undefined;
  source: RunSource;
}

export type RunSource = z.infer<typeof body>["source"];

const PARAMETERS = ["dry_run", "at"];
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
  const query = readQuery(new URL(request.url).searchParams);
  const { run_id, source } = readBody(await readText(request));
  const prefer = (request.headers.get("prefer") ?? "").toLowerCase().split(/[,;]/);
  return {
    ...query,
    respondAsync: prefer.some((part) => part.trim() === "respond-async"),
    runId: run_id,
    source,
  };
}

function readQuery(query: URLSearchParams): Pick<DispatchRequest, "dryRun" | "at"> {
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name)) {
      throw new BadRequest(`Unknown query parameter "${name}": use dry_run, and at with it`);
    }
  }
  const dryRun = readDryRun(onlyOne("dry_run", query));
  return { dryRun, at: readAt(onlyOne("at", query), dryRun) };
}

function onlyOne(name: string, query: URLSearchParams): string | null {
  const [value = null, ...others] = query.getAll(name);
  if (others.length === 0) return value;
  throw new BadRequest(`Query parameter ${name} is given twice: use it once`);
}

function readAt(value: string | null, dryRun: boolean): Date | undefined {
  if (value === null) return undefined;
  // A run calls now, and at no other time.
  if (!dryRun) throw new BadRequest("Query parameter at is for a dry run: add dry_run=1");
  // A + that was not written as %2B arrives as a blank.
  const moment = readMomentText(value.replace(/ (?=\d\d:\d\d$)/, "+"));
  if (moment !== null) return moment;
  throw new BadRequest(
    `Cannot read query parameter at "${value}": give a time with its offset, such as ` +
      "2026-12-01T09:00%2B05:30",
  );
}

function readDryRun(value: string | null): boolean {
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
