/** How a raw server ends one request; what it returns is written, null closes without a byte. */
export type RawAnswer = (request: number, text: string) => string | null;

/** A server that does on the wire what no HTTP library would. */
export interface RawServer extends Disposable {
  readonly port: number;
  readonly url: string;
  /** How many requests have been read whole. */
  readonly received: number;
}

/** Starts a server that reads requests whole; a text without `keep-alive` in it ends its connection. */
export function startRawServer(answer: RawAnswer): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let received = 0;
  const nextAnswer = (text: string) => answer(++received, text);
  serve();
  const { port } = listener.addr as Deno.NetAddr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get received() {
      return received;
    },
    [Symbol.dispose]() {
      listener.close();
      open.forEach(close);
    },
  };

  async function serve() {
    for await (const connection of listener) {
      open.add(connection);
      exchange(connection, nextAnswer).catch(() => {}).finally(() => {
        open.delete(connection);
        close(connection);
      });
    }
  }
}

async function exchange(
  connection: Deno.Conn,
  nextAnswer: (request: string) => string | null,
): Promise<void> {
  for (let request; (request = await readRequest(connection)) !== null;) {
    const text = nextAnswer(request);
    if (text !== null) await writeWhole(connection, new TextEncoder().encode(text));
    if (!text?.includes("keep-alive")) return;
  }
}

async function writeWhole(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

async function readRequest(connection: Deno.Conn): Promise<string | null> {
  const buffer = new Uint8Array(65_536);
  // A character for each byte, as the length is counted.
  const decoder = new TextDecoder("latin1");
  let text = "";
  while (!isWhole(text)) {
    const count = await connection.read(buffer);
    if (count === null) return null;
    text += decoder.decode(buffer.subarray(0, count));
  }
  return text;
}

function isWhole(text: string): boolean {
  const [head, body] = text.split("\r\n\r\n", 2);
  if (head === undefined || body === undefined) return false;
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? text.endsWith("0\r\n\r\n") : body.length >= Number(length);
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The other side was faster.
  }
}
