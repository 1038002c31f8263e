/** A receiver of the alarm's messages, such as Slack's incoming webhook is. */
export interface Webhook extends AsyncDisposable {
  /** Its address, with a part that nobody may guess. */
  readonly url: string;
  /** That part alone. */
  readonly secret: string;
  /** The texts of all messages that came, refused ones too. */
  readonly texts: string[];
  /** What it answers; 200 to begin with. */
  status: number;
}

/** Starts a receiver for one test. */
export function startWebhook(): Webhook {
  const secret = crypto.randomUUID();
  const texts: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, receive);

  async function receive(request: Request): Promise<Response> {
    const isOurs = request.method === "POST" && new URL(request.url).pathname === `/hook/${secret}`;
    if (!isOurs) return new Response("no_service", { status: 404 });
    const message: { text: string } = await request.json();
    texts.push(message.text);
    return new Response("", { status: webhook.status });
  }

  const webhook: Webhook = {
    url: `http://127.0.0.1:${server.addr.port}/hook/${secret}`,
    secret,
    texts,
    status: 200,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return webhook;
}
