/** A line between a client and a server, which can be cut in the middle of an exchange. */
export interface Line extends AsyncDisposable {
  /** For the client. */
  readonly url: string;
  /** Where new connections lead to. */
  leadTo(port: number): void;
  /** Breaks all connections that there are; new ones can be made. */
  cut(): void;
}

/** Lays a line on a free port of this machine. */
export function startLine(): Line {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends = new Set<Deno.Conn>();
  let target = 0;
  const cut = () => {
    for (const end of ends) close(end);
    ends.clear();
  };
  const accepting = accept();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    leadTo: (port) => void (target = port),
    cut,
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      await accepting;
    },
  };

  async function accept(): Promise<void> {
    const joined: Promise<void>[] = [];
    for await (const near of listener) joined.push(join(near).catch(() => close(near)));
    await Promise.all(joined);
  }

  async function join(near: Deno.Conn): Promise<void> {
    ends.add(near);
    const far = await Deno.connect({ hostname: "127.0.0.1", port: target });
    ends.add(far);
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
    [near, far].forEach((end) => ends.delete(end));
  }
}

function close(end: Deno.Conn): void {
  try {
    end.close();
  } catch {
    // It is closed.
  }
}
