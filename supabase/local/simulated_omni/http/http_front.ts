import type { Ending } from "./ending.ts";
import type { HttpRequest } from "./http_request.ts";
import { RequestReader } from "./request_reader.ts";
import { writeEnding } from "./write_ending.ts";

/**
 * An HTTP/1.1 server on bare TCP, because the faults to be simulated are ones of bytes and
 * connections: a ready-made server would not close a connection without a reply, promise more
 * bytes than it sends, or stop listening and keep its port.
 */
export class HttpFront {
  readonly hostname: string;
  readonly #answer: (request: HttpRequest) => Ending | Promise<Ending>;
  readonly #idle = new Set<Deno.Conn>();
  readonly #open = new Set<Deno.Conn>();
  readonly #loops = new Set<Promise<void>>();
  #listener: Deno.Listener | null = null;
  #listening: Promise<void> | null = null;
  /** Null until it has listened once. */
  #accepting: Promise<void> | null = null;
  #toClose = 0;
  #port: number;

  constructor(
    address: { readonly hostname: string; readonly port: number },
    answer: (request: HttpRequest) => Ending | Promise<Ending>,
  ) {
    this.hostname = address.hostname;
    this.#port = address.port;
    this.#answer = answer;
  }

  /** The port, the same one through every pause. */
  get port(): number {
    return this.#port;
  }

  /** Listens, at first or again; nothing happens while it does. */
  listen(): Promise<void> {
    return this.#listening ??= this.#start();
  }

  /** Stops listening: new connections are refused; exchanges under way are ended properly. */
  async refuse(): Promise<void> {
    await this.#listening?.catch(() => {});
    this.#listening = null;
    this.#listener?.close();
    this.#listener = null;
    // Until the last accept has given up the socket, the system still takes connections.
    await this.#accepting;
    this.#closeIdle();
  }

  /** Closes the next `count` connections when they are made, before reading from them. */
  closeNext(count: number): void {
    this.#toClose += count;
    // A client with a connection left over from before would not need to make one.
    this.#closeIdle();
  }

  /** Refuses, cuts every exchange off and waits until nothing is left running. */
  async stop(): Promise<void> {
    await this.refuse();
    for (const connection of [...this.#open]) this.#close(connection);
    await Promise.all(this.#loops);
  }

  async #start(): Promise<void> {
    const listener = await this.#bind();
    this.#port = (listener.addr as Deno.NetAddr).port;
    this.#listener = listener;
    this.#accepting = this.#accept(listener);
  }

  async #bind(): Promise<Deno.Listener> {
    const address = { hostname: this.hostname, port: this.#port };
    for (let tries = 0; this.#accepting && tries < 100; tries++) {
      try {
        return Deno.listen(address);
      } catch (error) {
        // Our own port, given back a moment ago, may be free only a moment later.
        if (!(error instanceof Deno.errors.AddrInUse)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    return Deno.listen(address);
  }

  async #accept(listener: Deno.Listener): Promise<void> {
    while (this.#listener === listener) {
      const connection = await listener.accept().catch(() => null);
      if (!connection) continue;
      this.#open.add(connection);
      if (this.#toClose > 0) {
        this.#toClose -= 1;
        this.#close(connection);
      } else {
        this.#track(this.#serve(connection));
      }
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const reader = new RequestReader(connection);
    try {
      do this.#idle.add(connection); while (await this.#exchange(connection, reader));
    } catch {
      // The client left or sent what is no HTTP: either way nobody is there to be told.
    } finally {
      this.#idle.delete(connection);
      this.#close(connection);
    }
  }

  /** One request and its reply; false when the connection is done with. */
  async #exchange(connection: Deno.Conn, reader: RequestReader): Promise<boolean> {
    const request = await reader.next();
    if (!request) return false;
    this.#idle.delete(connection);
    const ending = await this.#answerOrDrop(request);
    const closing = this.#listener === null || request.headers.get("connection") === "close";
    return await writeEnding(connection, ending, { closing });
  }

  async #answerOrDrop(request: HttpRequest): Promise<Ending> {
    try {
      return await this.#answer(request);
    } catch (error) {
      // Said aloud: a mistake of the simulator must not pass for one of the faults it simulates.
      console.error("Answering failed", error);
      return { kind: "drop" };
    }
  }

  #closeIdle(): void {
    for (const connection of [...this.#idle]) this.#close(connection);
  }

  #close(connection: Deno.Conn): void {
    // Closing twice throws.
    if (this.#open.delete(connection)) connection.close();
  }

  #track(loop: Promise<void>): void {
    this.#loops.add(loop);
    loop.finally(() => this.#loops.delete(loop));
  }
}
