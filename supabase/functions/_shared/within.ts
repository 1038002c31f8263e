/**
 * Asks, with a signal that is aborted after `ms` as that of `AbortSignal.timeout` is. Its timer ends with
 * the answer: those of thousands of requests would else all go off later, for nobody.
 */
export async function within<Result>(
  ms: number,
  ask: (signal: AbortSignal) => PromiseLike<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`There was no answer within ${ms} ms`, "TimeoutError"));
  }, ms);
  try {
    return await ask(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
