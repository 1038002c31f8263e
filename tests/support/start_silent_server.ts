/** Accepts connections and never says a word; closes them when disposed of. */
export function startSilentServer(): Disposable & { readonly port: number; readonly url: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const accept = async () => {
    for await (const connection of listener) connections.push(connection);
  };
  // It ends with the listener.
  accept().catch(() => {});
  const { port } = listener.addr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      listener.close();
      connections.forEach((connection) => connection.close());
    },
  };
}
