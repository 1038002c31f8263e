import {
  type Gateway,
  startGateway,
  type StartGatewayOptions,
} from "../../supabase/local/gateway/start_gateway.ts";
import type { TestDatabase } from "./clone_database.ts";

/** A gateway that a test holds by `await using`. */
export type TestGateway = Gateway & AsyncDisposable;

/** Serves one test database over HTTP, with keys of its own. */
export function startTestGateway(
  database: TestDatabase,
  options: Partial<Omit<StartGatewayOptions, "authenticatorUrl">> = {},
): TestGateway {
  const gateway = startGateway({
    authenticatorUrl: database.authenticatorUrl,
    secretKey: `sb_secret_${crypto.randomUUID()}`,
    publishableKey: `sb_publishable_${crypto.randomUUID()}`,
    ...options,
  });
  return Object.assign(gateway, { [Symbol.asyncDispose]: () => gateway.stop() });
}
