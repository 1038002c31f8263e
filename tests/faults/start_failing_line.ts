/** What a line does that has failed. */
export type Failure =
  /** Connections stay and are made, and nothing comes through them any more. */
  | "silent"
  /** What there is is closed, and each new connection as soon as it is made. */
  | "closing"
  /** What there is is closed; with `after`, so is each later one when as much has come through it. */
  | "dropping"
  /** What there is is closed, and nobody listens any more. */
  | "gone";

/** A line to a server, which fails on request or in the middle of what the server says. */
export interface FailingLine extends Disposable {
  readonly port: number;
  /** Where new connections lead to. */
  leadTo(port: number): void;
  /** How many bytes the server has said so far. */
  said(): number;
  fail(how: Failure): void;
  /** New connections come through again; not after "gone". */
  mend(): void;
}

/**
 * Lays a line to `port`, null = to be led somewhere before it is used; with `after`, it fails in that way once
 * the server has said so many bytes.
 */
export function startFailingLine(
  port: number | null = null,
  after: { bytes: number; how: Failure } | null = null,
): FailingLine {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends: Deno.Conn[] = [];
  let target = port;
  let said = 0;
  let failure: Failure | null = null;
  const cut = () => ends.splice(0).forEach(close);
  const fail = (how: Failure) => {
    failure = how === "dropping" ? null : how;
    if (how === "dropping") said = 0;
    if (how === "gone") close(listener);
    if (how !== "silent") cut();
  };
  // It ends with the listener.
  accept().catch(() => {});
  return {
    port: listener.addr.port,
    leadTo: (to) => void (target = to),
    said: () => said,
    fail,
    mend: () => void (failure = null),
    [Symbol.dispose]: () => fail("gone"),
  };

  async function accept(): Promise<void> {
    for await (const near of listener) {
      if (failure === "closing") close(near);
      else join(near).catch(() => close(near));
    }
  }

  async function join(near: Deno.Conn): Promise<void> {
    ends.push(near);
    if (target === null) throw new Error("The line leads nowhere yet");
    const far = await Deno.connect({ hostname: "127.0.0.1", port: target });
    ends.push(far);
    const count = ({ byteLength }: Uint8Array) => {
      said += byteLength;
      if (after !== null && failure === null && said > after.bytes) fail(after.how);
    };
    await Promise.all([pass(near, far, () => {}), pass(far, near, count)]);
  }

  async function pass(from: Deno.Conn, to: Deno.Conn, count: (bytes: Uint8Array) => void) {
    let isSilenced = false;
    for await (const bytes of from.readable) {
      count(bytes);
      isSilenced ||= failure === "silent";
      for (let at = 0; !isSilenced && at < bytes.length;) at += await to.write(bytes.subarray(at));
    }
    close(to);
  }
}

function close(end: { close(): void }): void {
  try {
    end.close();
  } catch {
    // It is closed.
  }
}
