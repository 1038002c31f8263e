/** Raised when a command cannot begin with what it was given; the command ends with code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
