/** An HTTP reply before it is turned into bytes. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** Further headers; `Content-Type` and `Content-Length` are written from the fields above. */
  readonly headers?: Readonly<Record<string, string>>;
}
