import type { HttpRequest } from "./http_request.ts";

const mostBytes = 8 * 1024 * 1024;
const lineEnd = "\r\n";
const decoder = new TextDecoder();

type Head = Pick<HttpRequest, "method" | "path" | "query" | "headers">;

/** Reads one HTTP/1.1 request after the other off a connection. */
export class RequestReader {
  readonly #connection: Pick<Deno.Conn, "read">;
  #buffer = new Uint8Array(4096);
  #start = 0;
  #end = 0;

  constructor(connection: Pick<Deno.Conn, "read">) {
    this.#connection = connection;
  }

  /** The next request, or null when the client left before it was whole. */
  async next(): Promise<HttpRequest | null> {
    const headText = await this.#through(lineEnd + lineEnd);
    if (headText === null) return null;
    const head = parseHead(headText);
    const body = head.headers.get("transfer-encoding") === "chunked"
      ? await this.#chunks()
      : await this.#bytes(Number(head.headers.get("content-length") ?? 0));
    if (body === null) return null;
    return { ...head, body: decoder.decode(body), receivedAtMs: performance.now() };
  }

  async #chunks(): Promise<Uint8Array | null> {
    const chunks: Uint8Array[] = [];
    while (true) {
      const sizeLine = await this.#through(lineEnd);
      if (sizeLine === null) return null;
      const size = parseInt(sizeLine, 16);
      // A copy: reading on may move what the buffer holds.
      const chunk = (await this.#bytes(size))?.slice();
      if (!chunk || await this.#through(lineEnd) === null) return null;
      if (size === 0) return joined(chunks);
      chunks.push(chunk);
    }
  }

  /** The text before `mark`, which is taken off too. */
  async #through(mark: string): Promise<string | null> {
    for (let searched = this.#start;;) {
      const at = indexOf(this.#buffer, mark, searched, this.#end);
      if (at >= 0) {
        const text = decoder.decode(this.#buffer.subarray(this.#start, at));
        this.#start = at + mark.length;
        return text;
      }
      const unread = Math.max(0, this.#end - this.#start - mark.length);
      if (!await this.#more()) return null;
      searched = this.#start + unread;
    }
  }

  /** A view that is good until the next read. */
  async #bytes(length: number): Promise<Uint8Array | null> {
    if (!(length <= mostBytes)) throw new Error(`Request is too long: ${length} bytes`);
    while (this.#end - this.#start < length) {
      if (!await this.#more()) return null;
    }
    this.#start += length;
    return this.#buffer.subarray(this.#start - length, this.#start);
  }

  /** Reads what has come; false at the end of the connection. Moves what is still unread. */
  async #more(): Promise<boolean> {
    this.#makeRoom();
    const read = await this.#connection.read(this.#buffer.subarray(this.#end));
    this.#end += read ?? 0;
    return read !== null;
  }

  #makeRoom(): void {
    const unread = this.#buffer.subarray(this.#start, this.#end);
    if (unread.length > mostBytes) throw new Error(`Request is too long: ${unread.length} bytes`);
    if (unread.length * 2 > this.#buffer.length) {
      this.#buffer = new Uint8Array(this.#buffer.length * 2);
      this.#buffer.set(unread);
    } else {
      this.#buffer.set(unread);
    }
    this.#start = 0;
    this.#end = unread.length;
  }
}

function parseHead(text: string): Head {
  const [requestLine = "", ...lines] = text.split(lineEnd);
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  }));
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const query = queryAt < 0 ? "" : target.slice(queryAt + 1);
  return { method, path, query, headers };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function indexOf(bytes: Uint8Array, mark: string, from: number, to: number): number {
  const last = to - mark.length;
  const first = mark.charCodeAt(0);
  for (
    let at = bytes.indexOf(first, from);
    at >= 0 && at <= last;
    at = bytes.indexOf(first, at + 1)
  ) {
    let matched = 1;
    while (matched < mark.length && bytes[at + matched] === mark.charCodeAt(matched)) matched++;
    if (matched === mark.length) return at;
  }
  return -1;
}
