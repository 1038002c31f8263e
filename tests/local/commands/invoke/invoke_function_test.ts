import assert from "node:assert/strict";
import { invokeFunction } from "../../../../supabase/local/commands/invoke/invoke_function.ts";
import { startSilentServer } from "../../../support/start_silent_server.ts";

const DRY_RUN = { dryRun: true, at: null, respondAsync: false };
const RUN = { ...DRY_RUN, dryRun: false };

async function errorOf(url: string, options: typeof RUN): Promise<string> {
  const access = { url, cronJobSecret: "secret", secretKey: null };
  const { httpStatus, body } = await invokeFunction(access, options, 200);
  assert.equal(httpStatus, 0);
  return (body as { error: string }).error;
}

Deno.test("invokeFunction: who accepts and does not answer is not waited for for ever", async () => {
  using silent = startSilentServer();
  assert.equal(
    await errorOf(silent.url, DRY_RUN),
    `call-dispatch at ${silent.url} did not answer within 0.2 s. Is that the project? Look at the ` +
      "function's log",
  );
  assert.match(
    await errorOf(silent.url, RUN),
    /did not answer within 0\.2 s\..*\. The run may go on: see deno task status$/,
  );
});

Deno.test("invokeFunction: a reply that begins and never ends is not waited for either", async () => {
  for (const status of [200, 500]) {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () =>
        new Response(new ReadableStream({ start: (one) => one.enqueue(new Uint8Array(1)) }), {
          status,
        }),
    );
    assert.match(
      await errorOf(`http://127.0.0.1:${server.addr.port}`, RUN),
      /did not answer within 0\.2 s/,
    );
  }
});
