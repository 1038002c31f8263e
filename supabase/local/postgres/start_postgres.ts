import { join, resolve } from "node:path";
import { claimDataDirectory } from "./claim_data_directory.ts";
import { embeddedPostgres } from "./embedded_postgres.ts";
import { freePort } from "./free_port.ts";
import { type ClusterPlace, initialiseCluster } from "./initialise_cluster.ts";
import { type Postmaster, startPostmaster } from "./postmaster.ts";
import { reachableDirectory } from "./reachable_directory.ts";
import { hasRealCron } from "./has_real_cron.ts";
import { serverUser } from "./server_user.ts";
import { stopStaleServer } from "./stop_stale_server.ts";
import { storedSecret } from "./stored_secret.ts";

const ATTEMPTS = 5;
const TRANSIENT = /could not bind|could not create any TCP\/IP sockets|shared memory block/;

/** Where and how to run the server. */
export interface StartPostgresOptions {
  /** Keeps the cluster, its log and its password from one start to the next. */
  dataDirectory: string;
  /** Folder of `initdb` and `postgres` to use instead of the ones from npm; empty counts as none. */
  binDirectory?: string;
  /** Default: any free port. */
  port?: number;
  /** Server settings, as in postgresql.conf. */
  settings?: Record<string, string>;
}

/** A PostgreSQL server on 127.0.0.1 that only those who know its password can use. */
export interface PostgresServer {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly pid: number;
  /** The folder in use: not the wanted one where the server's user could not reach that. */
  readonly dataDirectory: string;
  /** Database `postgres` as the superuser `supabase_admin`. */
  readonly adminUrl: string;
  /** Whether these binaries bring the real pg_cron, which is then loaded. */
  readonly realCron: boolean;
  /** The URL of a database for `role`, default `postgres`. */
  url(database: string, role?: string): string;
  stop(): Promise<void>;
  /** SIGKILL, as a crash of the machine would; `restart` brings it back. */
  kill(): Promise<void>;
  /** Comes back on the same port; ends it first where it still runs. */
  restart(options?: { immediate?: boolean; settings?: Record<string, string> }): Promise<void>;
}

/**
 * Starts PostgreSQL on the data folder, initialising it the first time. A server that a killed
 * run left behind on it is stopped first; a live run on it is an error.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<PostgresServer> {
  const user = await serverUser();
  const dataDirectory = await reachableDirectory(resolve(options.dataDirectory), user);
  const giveBack = await claimDataDirectory(dataDirectory);
  try {
    const binDirectory = options.binDirectory || await embeddedPostgres(dataDirectory);
    const clusterDirectory = join(dataDirectory, "cluster");
    const place = { binDirectory, dataDirectory, clusterDirectory, user };
    const password = await storedSecret(join(dataDirectory, "postgres_password"));
    await initialiseCluster(place, password);
    await stopStaleServer(clusterDirectory);
    return await RunningServer.start(place, password, options, giveBack);
  } catch (error) {
    await giveBack();
    throw error;
  }
}

class RunningServer implements PostgresServer {
  readonly host = "127.0.0.1";
  readonly dataDirectory: string;
  port = 0;
  realCron = false;
  #running: Postmaster | null = null;
  #settings: Record<string, string>;

  private constructor(
    private readonly place: ClusterPlace,
    private readonly password: string,
    options: StartPostgresOptions,
    private readonly giveBack: () => Promise<void>,
  ) {
    this.dataDirectory = place.dataDirectory;
    this.#settings = options.settings ?? {};
  }

  static async start(
    place: ClusterPlace,
    password: string,
    options: StartPostgresOptions,
    giveBack: () => Promise<void>,
  ): Promise<RunningServer> {
    const server = new RunningServer(place, password, options, giveBack);
    server.realCron = await hasRealCron(place.binDirectory);
    await server.#startOnPort(options.port);
    return server;
  }

  get pid(): number {
    if (!this.#running) throw new Error("PostgreSQL is stopped: call restart() first");
    return this.#running.pid;
  }

  get adminUrl(): string {
    return this.url("postgres", "supabase_admin");
  }

  url(database: string, role = "postgres"): string {
    return `postgres://${role}:${this.password}@${this.host}:${this.port}/${database}`;
  }

  async stop(): Promise<void> {
    await this.#end(false);
    await this.giveBack();
  }

  async kill(): Promise<void> {
    await this.#running?.kill();
    this.#running = null;
  }

  async restart(
    { immediate = false, settings }: { immediate?: boolean; settings?: Record<string, string> } =
      {},
  ): Promise<void> {
    await this.#end(immediate);
    if (settings) this.#settings = { ...this.#settings, ...settings };
    await this.#startOnPort(this.port);
  }

  async #end(immediate: boolean): Promise<void> {
    await this.#running?.stop({ immediate });
    this.#running = null;
  }

  // Another program can take a free port before Postgres does, and the workers of a killed server
  // hold its shared memory for a moment: both pass.
  async #startOnPort(port: number | undefined): Promise<void> {
    for (let attempt = 1;; attempt++) {
      this.port = port ?? freePort();
      try {
        this.#running = await startPostmaster(this.place, this.#allSettings());
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !TRANSIENT.test(String(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
      }
    }
  }

  #allSettings(): Record<string, string> {
    return {
      listen_addresses: this.host,
      port: String(this.port),
      unix_socket_directories: "",
      max_connections: "200",
      timezone: "UTC",
      log_timezone: "UTC",
      ...(this.realCron ? CRON_SETTINGS : {}),
      ...this.#settings,
    };
  }
}

// Background workers, because the other way is a connection that would need our password.
const CRON_SETTINGS = {
  shared_preload_libraries: "pg_cron",
  "cron.use_background_workers": "on",
  "cron.timezone": "UTC",
  max_worker_processes: "20",
};
