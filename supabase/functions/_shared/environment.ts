import { z } from "zod";

/** Raised when the environment cannot be used; `faults` names every variable and what is wrong. */
export class BadConfiguration extends Error {
  constructor(readonly faults: string[]) {
    super(`Cannot use the configuration: ${faults.join("; ")}`);
    this.name = "BadConfiguration";
  }
}

const PLAIN_HTTP_HOSTS = new Set([
  "127.0.0.1",
  "localhost",
  "[::1]",
  "host.docker.internal",
  "kong",
]);

/** A variable that holds a web address; https but for local hosts. Without a slash at its end. */
export const webAddress = z.string({ error: "is missing" }).trim().transform((text, context) => {
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

/** A variable that can travel in a header. */
export const headerSafe = z.string({ error: "is missing" })
  .regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces");

/** A variable that holds a whole number in these bounds. */
export function wholeNumber(low: number, high: number) {
  const message = `must be a whole number from ${low} to ${high}`;
  return z.string({ error: "is missing" })
    .regex(/^\d{1,16}$/, message)
    .transform(Number)
    .refine((number) => number >= low && number <= high, message);
}

/** What every function needs to reach its own project. */
export interface ProjectAccess {
  /** Where the project's API is, without a trailing slash. */
  supabaseUrl: string;
  /** The project's secret key; never leaves the process but to the project itself. */
  supabaseKey: string;
}

const projectVariables = {
  SUPABASE_URL: webAddress,
  SUPABASE_SECRET_KEYS: z.string().optional(),
  SUPABASE_SERVICE_ROLE_KEY: headerSafe.optional(),
};

/**
 * Reads these variables and those of the project itself; an empty value counts as missing.
 *
 * @throws {BadConfiguration} that lists every fault at once.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  env: Record<string, string>,
  shape: Shape,
): { variables: z.output<z.ZodObject<Shape>>; access: ProjectAccess } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value.trim() !== ""));
  const own = z.object(shape).safeParse(given);
  const project = z.object(projectVariables).safeParse(given);
  const faults = [...faultsOf(own), ...faultsOf(project)];
  const [supabaseKey] = projectKeys(env);
  const isUnreadable = "SUPABASE_SECRET_KEYS" in given && !readSecretKeys(env).success;
  if (isUnreadable) {
    faults.push("SUPABASE_SECRET_KEYS must be a JSON object of keys by their names");
  } else if (supabaseKey === undefined) {
    faults.push("SUPABASE_SECRET_KEYS or SUPABASE_SERVICE_ROLE_KEY is missing");
  }
  if (!own.success || !project.success || supabaseKey === undefined || faults.length > 0) {
    throw new BadConfiguration(faults);
  }
  return {
    variables: own.data,
    access: { supabaseUrl: project.data.SUPABASE_URL, supabaseKey },
  };
}

function faultsOf(parsed: z.ZodSafeParseResult<unknown>): string[] {
  return (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}`);
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
