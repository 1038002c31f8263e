import type { RpcResult } from "./rpc_caller.ts";

/** A call of a database function that is really made: none that was answered in its place. */
export interface ObservedCall {
  functionName: string;
  /** The request's body as it came. */
  body: string;
  /** Fulfilled once its transaction is committed, rejected when it failed; before the answer leaves. */
  result: Promise<RpcResult>;
}

/** Told of each call as it is made, whatever becomes of its answer. */
export type Observe = (call: ObservedCall) => void;
