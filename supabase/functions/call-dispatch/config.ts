import { z } from "zod";

/** Raised when the environment cannot be used; `faults` names every variable and what is wrong. */
export class BadConfiguration extends Error {
  constructor(readonly faults: string[]) {
    super(`Cannot use the configuration: ${faults.join("; ")}`);
    this.name = "BadConfiguration";
  }
}

/** What the function is told by its environment, checked once per request. */
export interface Config {
  /** Where Omni's API is, without a trailing slash. */
  omniBaseUrl: string;
  omniApiKey: string;
  /** Omni's id of the voice agent that talks. */
  omniAgentId: number;
  /** Omni's id of the number that rings; an id, not a phone number. */
  omniFromNumberId: number;
  /** How long one request to Omni may take, in ms. */
  omniTimeoutMs: number;
  /** Where the project's API is, without a trailing slash. */
  supabaseUrl: string;
  /** The project's secret key; never leaves the process but to the project itself. */
  supabaseKey: string;
  /** Most requests to Omni at once, by one run. */
  concurrency: number;
  /** How long a run claims and sends before it stops, in ms. */
  timeBudgetMs: number;
}

const PLAIN_HTTP_HOSTS = new Set([
  "127.0.0.1",
  "localhost",
  "[::1]",
  "host.docker.internal",
  "kong",
]);

const webAddress = z.string({ error: "is missing" }).trim().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    context.addIssue("must be a web address such as https://backend.omnidim.io");
    return z.NEVER;
  }
  if (url.protocol === "http:" && !PLAIN_HTTP_HOSTS.has(url.hostname)) {
    context.addIssue("must begin with https://, or the key would travel in clear text");
    return z.NEVER;
  }
  if (url.search !== "" || url.hash !== "") {
    context.addIssue("must end before any ? or #, because paths are put behind it");
    return z.NEVER;
  }
  return text.replace(/\/+$/, "");
});

const headerSafe = z.string({ error: "is missing" })
  .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");

function wholeNumber(low: number, high: number) {
  const message = `must be a whole number from ${low} to ${high}`;
  return z.string({ error: "is missing" })
    .regex(/^\d{1,16}$/, message)
    .transform(Number)
    .refine((number) => number >= low && number <= high, message);
}

const id = wholeNumber(1, Number.MAX_SAFE_INTEGER);

const environment = z.object({
  OMNI_BASE_URL: webAddress,
  OMNI_API_KEY: headerSafe,
  OMNI_AGENT_ID: id,
  OMNI_FROM_NUMBER_ID: id,
  OMNI_TIMEOUT_MS: wholeNumber(100, 60_000).default(15_000),
  SUPABASE_URL: webAddress,
  SUPABASE_SECRET_KEYS: z.string().optional(),
  SUPABASE_SERVICE_ROLE_KEY: headerSafe.optional(),
  DISPATCH_CONCURRENCY: wholeNumber(1, 100).default(10),
  DISPATCH_TIME_BUDGET_MS: wholeNumber(1_000, 300_000).default(60_000),
});

/**
 * Reads the environment, in which an empty value counts as missing.
 *
 * @throws {BadConfiguration} that lists every fault at once.
 */
export function readConfig(env: Record<string, string>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value.trim() !== ""));
  const parsed = environment.safeParse(given);
  const keys = projectKeys(env);
  const unreadable = (env.SUPABASE_SECRET_KEYS ?? "").trim() !== "" && !readSecretKeys(env).success;
  const faults = parsed.success ? [] : parsed.error.issues.map(
    (issue) => `${issue.path.join(".")} ${issue.message}`,
  );
  if (unreadable) faults.push("SUPABASE_SECRET_KEYS must be a JSON object of keys by their names");
  else if (keys.length === 0) {
    faults.push("SUPABASE_SECRET_KEYS or SUPABASE_SERVICE_ROLE_KEY is missing");
  }
  if (!parsed.success || keys[0] === undefined || faults.length > 0) {
    throw new BadConfiguration(faults);
  }
  return {
    omniBaseUrl: parsed.data.OMNI_BASE_URL,
    omniApiKey: parsed.data.OMNI_API_KEY,
    omniAgentId: parsed.data.OMNI_AGENT_ID,
    omniFromNumberId: parsed.data.OMNI_FROM_NUMBER_ID,
    omniTimeoutMs: parsed.data.OMNI_TIMEOUT_MS,
    supabaseUrl: parsed.data.SUPABASE_URL,
    supabaseKey: keys[0],
    concurrency: parsed.data.DISPATCH_CONCURRENCY,
    timeBudgetMs: parsed.data.DISPATCH_TIME_BUDGET_MS,
  };
}

const secretKeys = z.record(z.string(), headerSafe);

/**
 * The project's own secret keys, the newer kind first: `SUPABASE_SECRET_KEYS` is a JSON object of
 * them, with one named `default`; `SUPABASE_SERVICE_ROLE_KEY` is what older projects have.
 */
export function projectKeys(env: Record<string, string>): string[] {
  const newer = readSecretKeys(env);
  const byName = newer.success ? newer.data : {};
  const { default: first, ...others } = byName;
  return [first, ...Object.values(others), env.SUPABASE_SERVICE_ROLE_KEY?.trim()]
    .filter((key): key is string => key !== undefined && key !== "");
}

function readSecretKeys(env: Record<string, string>) {
  return secretKeys.safeParse(parseJson(env.SUPABASE_SECRET_KEYS ?? ""));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
