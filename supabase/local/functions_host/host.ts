/**
 * Runs one Edge Function as the hosted runtime would: the module at the URL in the first argument
 * calls `Deno.serve`, finds `EdgeRuntime.waitUntil`, and is told by `beforeunload` that the end has
 * come. Speaks to the process that started it by one line on stdout, the port, and ends with it.
 */

// How long work handed to `waitUntil` may go on once the end has been announced.
const GRACE_MS = 10_000;

const pending = new Set<Promise<unknown>>();
const servers: Deno.HttpServer[] = [];
let ending = false;

function waitUntil(promise: Promise<unknown>): void {
  const settled = Promise.resolve(promise)
    .catch((error) => console.error("Work given to EdgeRuntime.waitUntil failed:", error))
    .finally(() => pending.delete(settled));
  pending.add(settled);
}

function handlerIn(args: unknown[]): Deno.ServeHandler {
  for (const argument of args) {
    if (typeof argument === "function") return argument as Deno.ServeHandler;
    if (typeof argument === "object" && argument !== null && "handler" in argument) {
      return argument.handler as Deno.ServeHandler;
    }
  }
  throw new TypeError("Deno.serve was called without a handler");
}

const serve = Deno.serve;

// The function's own address is ignored, as on the platform: the host decides.
function serveHere(...args: unknown[]): Deno.HttpServer {
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => console.log(`function-host listening ${port}`),
  }, handlerIn(args));
  servers.push(server as Deno.HttpServer);
  return server as Deno.HttpServer;
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  globalThis.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const late = setTimeout(() => Deno.exit(1), GRACE_MS);
  await Promise.all(servers.map((server) => server.shutdown()));
  // Work under way may hand on more work.
  while (pending.size > 0) await Promise.all(pending);
  clearTimeout(late);
  Deno.exit(0);
}

async function endWithParent(): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
  await end();
}

Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
Object.assign(Deno, { serve: serveHere });

if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", end);
// Ctrl-C reaches the whole process group: whoever started us decides what it means.
Deno.addSignalListener("SIGINT", () => {});
endWithParent();

const [entry = ""] = Deno.args;
await import(entry);
