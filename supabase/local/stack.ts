import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, startClock } from "./clock/start_clock.ts";
import { type NetWorker, startNetWorker } from "./clock/start_net_worker.ts";
import { type RunningFunction, startFunction } from "./functions_host/start_function.ts";
import type { Intercept } from "./gateway/intercept.ts";
import { type Gateway, startGateway } from "./gateway/start_gateway.ts";
import { bootstrapDatabase } from "./postgres/bootstrap_database.ts";
import { type PostgresServer, startPostgres } from "./postgres/start_postgres.ts";
import { storedSecret } from "./postgres/stored_secret.ts";
import { pushMigrations } from "./push_migrations.ts";
import { upsertVaultSecrets } from "./upsert_vault_secrets.ts";

const DATABASE = "postgres";
const DATA_DIRECTORY = fileURLToPath(new URL(".data", import.meta.url));

/** What the stack is made of; everything may be left out. */
export interface StartStackOptions {
  /** Keeps the database and the keys between starts. Default `supabase/local/.data`. */
  dataDirectory?: string;
  /** Folder of PostgreSQL's binaries. Default `POSTGRES_BIN_DIR`, else the ones from npm. */
  binDirectory?: string;
  /** PostgreSQL settings, as in postgresql.conf. */
  settings?: Record<string, string>;
  /** Edge Functions to serve, by name. */
  functions?: string[];
  /** Variables for every function, over those that the platform gives it. */
  functionEnv?: Record<string, string>;
  /** The Deno that runs the functions. */
  denoPath?: string;
  functionsDirectory?: string;
  /** Whether `cron.job` is run. Default true. */
  clock?: boolean;
  /** Milliseconds between two runs of a job, by its name, in place of its schedule. */
  every?: Record<string, number>;
  /** Port of the gateway. Default any free one. */
  port?: number;
  intercept?: Intercept;
  /** Hears what is being done, one short sentence each. */
  onProgress?: (message: string) => void;
  /** Hears every line that a function writes. */
  onLog?: (functionName: string, line: string) => void;
}

/** A running local stack. */
export interface Stack {
  /** `SUPABASE_URL` */
  readonly url: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** The secret that cron sends and the function expects. */
  readonly cronJobSecret: string;
  /** What signs the addresses to which calls report their end. */
  readonly callEndedSecret: string;
  /** As the role `postgres`, which owns the tables. */
  readonly databaseUrl: string;
  /** As the superuser. */
  readonly adminDatabaseUrl: string;
  /** The folder in use, which may be another than the wanted one. */
  readonly dataDirectory: string;
  readonly postgres: PostgresServer;
  readonly gateway: Gateway;
  /** A running function by its name. */
  function(name: string): RunningFunction;
  /** Ends everything, last started first. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts the whole stack, or nothing: what was started is ended when a later part fails. */
export async function startStack(options: StartStackOptions = {}): Promise<Stack> {
  const endings: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let end = endings.pop(); end; end = endings.pop()) await end();
  };
  try {
    return await startParts(options, endings, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StartStackOptions,
  endings: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const say = options.onProgress ?? (() => {});
  const postgres = await startDatabase(options, say);
  endings.push(() => postgres.stop());
  const adminUrl = postgres.url(DATABASE, "supabase_admin");
  say("Preparing the database");
  await bootstrapDatabase({ adminUrl, realCron: postgres.realCron });
  say("Applying the migrations");
  await pushMigrations({ databaseUrl: postgres.url(DATABASE) });
  const keys = await projectKeys(postgres.dataDirectory);

  const functions = new Map<string, RunningFunction>();
  const gateway = startGateway({
    ...keys,
    authenticatorUrl: postgres.url(DATABASE, "authenticator"),
    functionUrl: (name) => functions.get(name)?.url,
    port: options.port,
    intercept: options.intercept,
  });
  endings.push(() => gateway.stop());
  await upsertVaultSecrets(postgres.url(DATABASE), {
    project_url: gateway.url,
    cron_job_secret: keys.cronJobSecret,
  });
  const env = { ...functionEnvironment(gateway, keys), ...options.functionEnv };
  for (const name of options.functions ?? []) {
    say(`Starting the function ${name}`);
    const running = await startOneFunction(name, env, options);
    functions.set(name, running);
    endings.push(() => running.stop());
  }
  const worker: NetWorker = await startNetWorker({ adminUrl });
  endings.push(() => worker.stop());
  if (options.clock !== false && !postgres.realCron) {
    const clock: Clock = await startClock({ adminUrl, every: options.every });
    endings.push(() => clock.stop());
  }
  return {
    ...keys,
    url: gateway.url,
    databaseUrl: postgres.url(DATABASE),
    adminDatabaseUrl: adminUrl,
    dataDirectory: postgres.dataDirectory,
    postgres,
    gateway,
    function: (name) => functions.get(name) ?? unknownFunction(name),
    stop,
  };
}

async function startDatabase(
  options: StartStackOptions,
  say: (message: string) => void,
): Promise<PostgresServer> {
  const dataDirectory = options.dataDirectory ?? DATA_DIRECTORY;
  say("Starting PostgreSQL");
  const postgres = await startPostgres({
    dataDirectory,
    binDirectory: options.binDirectory ?? Deno.env.get("POSTGRES_BIN_DIR"),
    settings: { "cron.database_name": DATABASE, ...options.settings },
  });
  if (postgres.dataDirectory !== dataDirectory) {
    say(
      `PostgreSQL's user cannot reach "${dataDirectory}": data are in "${postgres.dataDirectory}"`,
    );
  }
  return postgres;
}

async function projectKeys(directory: string) {
  return {
    secretKey: await storedSecret(join(directory, "secret_key"), "sb_secret_"),
    publishableKey: await storedSecret(join(directory, "publishable_key"), "sb_publishable_"),
    cronJobSecret: await storedSecret(join(directory, "cron_job_secret")),
    callEndedSecret: await storedSecret(join(directory, "call_ended_secret")),
  };
}

// What the platform injects into every function, and the two secrets that a project sets.
function functionEnvironment(
  gateway: Gateway,
  keys: Awaited<ReturnType<typeof projectKeys>>,
): Record<string, string> {
  return {
    SUPABASE_URL: gateway.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: gateway.secretKey }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: gateway.publishableKey }),
    CRON_JOB_SECRET: keys.cronJobSecret,
    CALL_ENDED_SECRET: keys.callEndedSecret,
  };
}

async function startOneFunction(
  name: string,
  env: Record<string, string>,
  { denoPath, functionsDirectory, onLog }: StartStackOptions,
): Promise<RunningFunction> {
  return await startFunction({
    name,
    env,
    denoPath,
    functionsDirectory,
    onLog: (line) => onLog?.(name, line),
  });
}

function unknownFunction(name: string): never {
  throw new Error(`The function "${name}" is not running: name it in \`functions\``);
}
