import type { ApiRole } from "./api_keys.ts";

/** A moment of a call at which a test may step in. */
export interface InterceptedCall {
  /** `before` the function runs, or `after` its transaction has been committed. */
  moment: "before" | "after";
  functionName: string;
  role: ApiRole;
  /** The request's body as it came. */
  body: string;
}

/** Fault injection: a response given here is sent in place of the real one. */
export type Intercept = (
  call: InterceptedCall,
) => Response | undefined | Promise<Response | undefined>;
