import type { Ending } from "./ending.ts";
import type { Reply } from "./reply.ts";

const encoder = new TextEncoder();

interface WriteOptions {
  /** Tell the client that no further request is taken on this connection. */
  readonly closing: boolean;
}

/** Puts an ending on the wire. True when the connection can carry another request. */
export async function writeEnding(
  connection: Pick<Deno.Conn, "read" | "write">,
  ending: Ending,
  { closing }: WriteOptions,
): Promise<boolean> {
  switch (ending.kind) {
    case "reply":
      await writeWhole(connection, wholeReply(ending.reply, closing));
      return !closing;
    case "drop":
      return false;
    case "hang":
      await untilClientLeaves(connection);
      return false;
    case "truncate":
      await writeWhole(connection, halfReply(ending.reply));
      return false;
    case "stall":
      await writeWhole(connection, halfReply(ending.reply));
      await untilClientLeaves(connection);
      return false;
  }
}

function wholeReply(reply: Reply, closing: boolean): Uint8Array {
  const body = encoder.encode(reply.body);
  return joined(headOf(reply, body.length, closing), body);
}

function halfReply(reply: Reply): Uint8Array {
  const body = encoder.encode(reply.body);
  return joined(headOf(reply, body.length, true), body.subarray(0, body.length / 2));
}

function joined(head: string, body: Uint8Array): Uint8Array {
  // One write, so that the reply does not wait for the acknowledgement of its own head.
  const bytes = new Uint8Array(head.length + body.length);
  encoder.encodeInto(head, bytes);
  bytes.set(body, head.length);
  return bytes;
}

function headOf({ status, contentType, headers = {} }: Reply, length: number, closing: boolean) {
  let head = `HTTP/1.1 ${status} ${reasons[status] ?? "Status"}\r\n` +
    `Content-Type: ${contentType}\r\nContent-Length: ${length}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (closing) head += "Connection: close\r\n";
  return head + "\r\n";
}

const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

async function writeWhole(connection: Pick<Deno.Conn, "write">, bytes: Uint8Array) {
  for (let written = 0; written < bytes.length;) {
    written += await connection.write(bytes.subarray(written));
  }
}

async function untilClientLeaves(connection: Pick<Deno.Conn, "read">): Promise<void> {
  const ignored = new Uint8Array(1024);
  while (await connection.read(ignored) !== null);
}
