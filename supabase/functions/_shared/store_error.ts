/**
 * Raised when the database did not do what it was asked. `passing` is true when asking again may
 * help: it could not be reached, was too busy, or broke off.
 */
export class StoreError extends Error {
  override name = "StoreError";
  constructor(message: string, readonly passing: boolean) {
    super(message);
  }
}
