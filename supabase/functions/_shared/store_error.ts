/**
 * Raised when the database did not do what it was asked. `passing` is true when asking again may
 * help: it could not be reached, was too busy, or broke off. `code` is PostgREST's or the database's,
 * null where none came.
 */
export class StoreError extends Error {
  override name = "StoreError";
  constructor(message: string, readonly passing: boolean, readonly code: string | null = null) {
    super(message);
  }
}
