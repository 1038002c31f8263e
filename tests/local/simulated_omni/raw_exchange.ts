/** Sends texts over one bare connection, one write each, and reads until the other side closes. */
export async function rawExchange(port: number, ...texts: string[]): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const text of texts) {
    await connection.write(new TextEncoder().encode(text));
    // Apart, so that the other side meets them in separate reads.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await new Response(connection.readable).text();
}
