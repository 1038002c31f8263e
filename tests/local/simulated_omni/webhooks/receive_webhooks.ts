import type { WebhookBody } from "./webhook_body.ts";

/** A webhook as it came. */
export interface ReceivedWebhook {
  readonly method: string;
  /** Path and query. */
  readonly address: string;
  readonly headers: Headers;
  /** The sender's port: one for each connection. */
  readonly fromPort: number;
  readonly body: WebhookBody;
}

/** A place where webhooks come in. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  /** In the order of their coming. */
  readonly received: readonly ReceivedWebhook[];
}

/** Takes webhooks, and answers them with 200 or as `answer` says. */
export function receiveWebhooks(
  answer: (webhook: ReceivedWebhook) => Response | Promise<Response> = () => new Response(),
): WebhookReceiver {
  const received: ReceivedWebhook[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request, { remoteAddr }) => {
      const { method, headers } = request;
      const { pathname, search } = new URL(request.url);
      const webhook = {
        method,
        address: pathname + search,
        headers,
        fromPort: remoteAddr.port,
        body: await request.json(),
      };
      received.push(webhook);
      return await answer(webhook);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/ended`,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
