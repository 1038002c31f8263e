/** Raised when whoever read our output has gone, as `head` does: there is nobody left to tell of it. */
export class OutputClosed extends Error {
  override name = "OutputClosed";
}
