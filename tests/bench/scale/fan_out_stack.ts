import {
  type RunningFunction,
  startFunction,
} from "../../../supabase/local/functions_host/start_function.ts";
import { type Gateway, startGateway } from "../../../supabase/local/gateway/start_gateway.ts";
import { connect, type Sql } from "../../../supabase/local/postgres/connect.ts";
import { upsertVaultSecrets } from "../../../supabase/local/upsert_vault_secrets.ts";
import { OmniProcess } from "../peers/omni_process.ts";
import { startMeasuredStack } from "../start_measured_stack.ts";

const CONCURRENCY = 10;

/** Many processes of the function over one database and one provider. */
export interface FanOutStack extends AsyncDisposable {
  omni: OmniProcess;
  functions: RunningFunction[];
  cronJobSecret: string;
  sql: Sql;
}

/** Starts it; a run that the database asks for goes to each process in turn. */
export async function startFanOutStack(
  { processes, latencyMs }: { processes: number; latencyMs: number },
): Promise<FanOutStack> {
  const parts = new AsyncDisposableStack();
  try {
    const directory = await Deno.makeTempDir({ prefix: "call-dispatch-ledger-" });
    parts.defer(() => Deno.remove(directory, { recursive: true }));
    const omni = parts.use(await OmniProcess.start(`${directory}/ledger.jsonl`, latencyMs));
    const stack = parts.use(await startMeasuredStack(omni.place, { functions: [] }));
    const functions: RunningFunction[] = [];
    parts.defer(async () => void await Promise.all(functions.map((each) => each.stop())));
    const env = {
      SUPABASE_URL: stack.url,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.secretKey }),
      CRON_JOB_SECRET: stack.cronJobSecret,
      OMNI_BASE_URL: omni.place.url,
      OMNI_API_KEY: omni.place.apiKey,
      OMNI_AGENT_ID: String(omni.place.agentId),
      OMNI_FROM_NUMBER_ID: String(omni.place.fromNumberId),
      DISPATCH_CONCURRENCY: String(CONCURRENCY),
    };
    for (let each = 0; each < processes; each += 1) {
      console.error(`Starting process ${each + 1} of ${processes}`);
      functions.push(await startFunction({ name: "call-dispatch", env }));
    }
    const gateway = startGateway({
      secretKey: stack.secretKey,
      publishableKey: stack.publishableKey,
      authenticatorUrl: stack.postgres.url("postgres", "authenticator"),
      functionUrl: inTurn(functions),
    });
    parts.defer(() => gateway.stop());
    await useGateway(stack.databaseUrl, gateway);
    const sql = connect(stack.databaseUrl, { max: 2 });
    parts.defer(() => sql.end());
    const { cronJobSecret } = stack;
    const dispose = () => parts.disposeAsync();
    return { omni, functions, cronJobSecret, sql, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

function inTurn(functions: RunningFunction[]): () => string | undefined {
  let next = 0;
  return () => functions[next++ % functions.length]?.url;
}

async function useGateway(databaseUrl: string, gateway: Gateway): Promise<void> {
  await upsertVaultSecrets(databaseUrl, { project_url: gateway.url });
}
