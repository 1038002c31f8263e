import type { Gateway } from "../../supabase/local/gateway/start_gateway.ts";

/** A call that waits inside the gateway. */
export interface HeldCall {
  /** The request's body as it came. */
  readonly body: string;
  /** Lets it go on. One held before its function runs never runs it when a response is given. */
  letGo(response?: Response): void;
}

/** Which call to hold, and when. */
export interface Moment {
  functionName: string;
  /** Before the function runs, or after it has been committed and before its answer leaves. */
  moment: "before" | "after";
}

/** Holds the next call of a function at that moment; resolves once one is held. */
export function holdAt(gateway: Gateway, { functionName, moment }: Moment): Promise<HeldCall> {
  const held = Promise.withResolvers<HeldCall>();
  gateway.intercept = (call) => {
    if (call.functionName !== functionName || call.moment !== moment) return;
    gateway.intercept = undefined;
    const answer = Promise.withResolvers<Response | undefined>();
    held.resolve({ body: call.body, letGo: (response) => answer.resolve(response) });
    return answer.promise;
  };
  return held.promise;
}
