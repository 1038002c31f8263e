/** What the commands end with. */
export const EXIT_CODE = {
  ok: 0,
  /** It ran, and what came of it is not good. */
  notOk: 1,
  /** It could not begin: arguments, variables or rights. */
  usage: 2,
  interrupted: 130,
  /** Whoever read the output has gone; a shell gives the same for SIGPIPE. */
  outputClosed: 141,
} as const;
