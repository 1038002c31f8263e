import { join } from "node:path";
import { TextLineStream } from "../text_line_stream.ts";
import { endWithUs } from "./end_with_us.ts";
import type { ClusterPlace } from "./initialise_cluster.ts";
import { serverCommand } from "./server_command.ts";

const READY = "database system is ready to accept connections";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const LOG_LINES_KEPT = 40;

/** One running PostgreSQL server process. */
export interface Postmaster {
  pid: number;
  /** Ends it as an administrator would; `immediate` as a power cut would, but orderly for us. */
  stop(options?: { immediate?: boolean }): Promise<void>;
  /** Sends SIGKILL, and returns once the process is gone. */
  kill(): Promise<void>;
}

/** Starts `postgres` on the cluster and returns when it accepts connections. */
export async function startPostmaster(
  place: ClusterPlace,
  settings: Record<string, string>,
): Promise<Postmaster> {
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = serverCommand(place, "postgres", ["-D", place.clusterDirectory, ...args]).spawn();
  const callOff = endWithUs(child.pid);
  const gone = child.status.finally(callOff);
  const log = new ServerLog(join(place.dataDirectory, "postgres.log"));
  const drained = Promise.all([log.follow(child.stderr), log.follow(child.stdout)]);
  await ready(log, Promise.all([gone, drained]), child);
  const ended = async () => void await Promise.all([gone, drained]);
  return {
    pid: child.pid,
    stop: ({ immediate = false } = {}) => stop(place, child, ended, immediate),
    kill: async () => {
      child.kill("SIGKILL");
      await ended();
    },
  };
}

class ServerLog {
  readonly lines: string[] = [];
  readonly ready = Promise.withResolvers<void>();
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async follow(output: ReadableStream<Uint8Array>): Promise<void> {
    using file = await Deno.open(this.#path, { create: true, append: true, mode: 0o600 });
    const encoder = new TextEncoder();
    for await (const line of output.pipeThrough(new TextLineStream())) {
      if (line.includes(READY)) this.ready.resolve();
      this.lines.push(line);
      if (this.lines.length > LOG_LINES_KEPT) this.lines.shift();
      await file.write(encoder.encode(line + "\n"));
    }
  }
}

async function ready(
  log: ServerLog,
  gone: Promise<unknown>,
  child: Deno.ChildProcess,
): Promise<void> {
  const timeout = Promise.withResolvers<"late">();
  const timer = setTimeout(() => timeout.resolve("late"), START_TIMEOUT_MS);
  const first = await Promise.race([log.ready.promise, gone.then(() => "ended"), timeout.promise]);
  clearTimeout(timer);
  if (first === undefined) return;
  endNow(child);
  throw new Error(`PostgreSQL did not start (${first}); its log says:\n${log.lines.join("\n")}`);
}

function endNow(child: Deno.ChildProcess): void {
  try {
    child.kill(Deno.build.os === "windows" ? "SIGKILL" : "SIGINT");
  } catch {
    // It has ended by itself.
  }
}

async function stop(
  place: ClusterPlace,
  child: Deno.ChildProcess,
  ended: () => Promise<void>,
  immediate: boolean,
): Promise<void> {
  const insist = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }, STOP_TIMEOUT_MS);
  if (Deno.build.os === "windows") {
    const mode = immediate ? "immediate" : "fast";
    await serverCommand(place, "pg_ctl", ["stop", "-D", place.clusterDirectory, "-m", mode])
      .output();
  } else {
    try {
      child.kill(immediate ? "SIGQUIT" : "SIGINT");
    } catch {
      // It has ended by itself.
    }
  }
  await ended();
  clearTimeout(insist);
}
