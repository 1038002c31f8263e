import assert from "node:assert/strict";
import { PostgresError } from "../../../supabase/local/postgres/connect.ts";
import { isLostConnection } from "../../../supabase/local/postgres/is_lost_connection.ts";

const withCode = (code: string) => Object.assign(new Error("told"), { code });

function typeErrorAt(file: string): TypeError {
  const error = new TypeError("Cannot read properties of null (reading 'write')");
  error.stack = `TypeError: ${error.message}\n    at nextWrite (${file}:254:22)\n    at timers:1:1`;
  return error;
}

Deno.test("isLostConnection: what sockets, names and the driver say of a connection", () => {
  for (
    const code of [
      "ECONNREFUSED",
      "ECONNRESET",
      "EPIPE",
      "ENOTFOUND",
      "EAI_AGAIN",
      "ETIMEDOUT",
      "EHOSTUNREACH",
      "CONNECT_TIMEOUT",
      "CONNECTION_CLOSED",
      "CONNECTION_DESTROYED",
    ]
  ) assert.ok(isLostConnection(withCode(code)), code);
  const driver = "file:///cache/npm/registry.npmjs.org/postgres/3.4.9/src/connection.js";
  assert.ok(isLostConnection(typeErrorAt(driver)));
});

Deno.test("isLostConnection: a mistake of ours is none, nor is what the database refuses", () => {
  const mistakes = [
    withCode("ENOENT"),
    withCode("MAX_PARAMETERS_EXCEEDED"),
    Object.assign(Object.create(PostgresError.prototype), { code: "ECONNREFUSED" }),
    typeErrorAt("file:///project/supabase/local/postgres/connect.ts"),
    new TypeError("x is not a function"),
    "ECONNREFUSED",
    null,
  ];
  for (const mistake of mistakes) assert.ok(!isLostConnection(mistake));
});
