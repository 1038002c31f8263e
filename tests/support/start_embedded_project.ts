import { startNetWorker } from "../../supabase/local/clock/start_net_worker.ts";
import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";
import { startSimulatedOmni } from "../../supabase/local/simulated_omni/start_simulated_omni.ts";
import { upsertVaultSecrets } from "../../supabase/local/upsert_vault_secrets.ts";
import type { TestDatabase } from "./clone_database.ts";
import { freshDatabase } from "./fresh_database.ts";
import type { Project } from "./project.ts";
import { startTestFunction, type TestFunction } from "./start_test_function.ts";
import { startTestGateway } from "./start_test_gateway.ts";

/** A project of our own, of which every part can be broken. */
export interface EmbeddedProject extends Project {
  readonly database: TestDatabase;
  readonly gateway: Gateway;
  readonly function: TestFunction;
  /** call-ended, to which Omni reports; null unless it was asked for. */
  readonly callEnded: TestFunction | null;
  /** The function's variables beside those of the platform. */
  readonly env: Record<string, string>;
}

/** What a project is started with. */
export interface EmbeddedProjectOptions {
  /** Also runs call-ended, and has every call report its end to it. */
  callEnded?: boolean;
  /** The database, which then ends with the project. Default: a fresh one with all migrations. */
  database?: TestDatabase;
  /** Folder of the functions, for other code than this checkout's. */
  functionsDirectory?: string;
}

/** Starts a database, a gateway, the functions in processes of their own, pg_net and a provider. */
export async function startEmbeddedProject(
  env: Record<string, string> = {},
  options: EmbeddedProjectOptions = {},
): Promise<EmbeddedProject> {
  const parts = new Parts();
  const database = parts.use(options.database ?? await freshDatabase());
  const omni = parts.use(await startSimulatedOmni());
  const functions = new Map<string, TestFunction>();
  const gateway = parts.use(
    startTestGateway(database, { functionUrl: (name) => functions.get(name)?.url }),
  );
  const cronJobSecret = crypto.randomUUID();
  const functionEnv = {
    CRON_JOB_SECRET: cronJobSecret,
    OMNI_BASE_URL: omni.url,
    OMNI_API_KEY: omni.apiKey,
    OMNI_AGENT_ID: String(omni.agentId),
    OMNI_FROM_NUMBER_ID: String(omni.fromNumberId),
    ...(options.callEnded ? { CALL_ENDED_SECRET: "a".repeat(32) } : {}),
    ...env,
  };
  const start = (name: string) =>
    startTestFunction({
      name,
      gateway,
      env: functionEnv,
      ...(options.functionsDirectory && { functionsDirectory: options.functionsDirectory }),
    });
  const running = parts.use(await start("call-dispatch"));
  functions.set(running.name, running);
  const callEnded = options.callEnded ? parts.use(await start("call-ended")) : null;
  if (callEnded) functions.set(callEnded.name, callEnded);
  const worker = await startNetWorker({ adminUrl: database.adminUrl });
  parts.defer(() => worker.stop());
  await upsertVaultSecrets(database.url, {
    project_url: gateway.url,
    cron_job_secret: cronJobSecret,
  });
  return {
    database,
    gateway,
    omni,
    cronJobSecret,
    sql: database.sql,
    function: running,
    callEnded,
    env: functionEnv,
    // The function's own address, which changes when it is started anew.
    get functionUrl() {
      return `${running.url}/functions/v1/call-dispatch`;
    },
    [Symbol.asyncDispose]: () => parts.end(),
  };
}

/** What has been started; AsyncDisposableStack is not there on the platform's level of Deno. */
class Parts {
  readonly #endings: (() => Promise<void>)[] = [];

  use<Part extends AsyncDisposable>(part: Part): Part {
    this.defer(async () => await part[Symbol.asyncDispose]());
    return part;
  }

  defer(ending: () => Promise<void>): void {
    this.#endings.unshift(ending);
  }

  /** Ends all, the last started first. */
  async end(): Promise<void> {
    for (const ending of this.#endings) await ending();
  }
}
