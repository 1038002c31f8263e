/** The JSON body of every error that PostgREST answers. */
export interface RpcErrorBody {
  code: string | null;
  message: string;
  details: string | null;
  hint: string | null;
}

/** A request that ends with an error, with the status and body that PostgREST would answer. */
export class RpcError extends Error {
  override readonly name = "RpcError";

  constructor(readonly status: number, readonly body: RpcErrorBody) {
    super(body.message);
  }

  /** The same as an HTTP response. */
  toResponse(): Response {
    return Response.json(this.body, { status: this.status });
  }
}
