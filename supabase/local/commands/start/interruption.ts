import { EXIT_CODE } from "../exit_code.ts";

// npx and deno task pass on the Ctrl-C that the terminal has sent to us already.
const SAME_KEYSTROKE_MS = 1_000;

/** The wish of whoever started us that it end now. */
export interface Interruption extends Disposable {
  /** Aborted by the first Ctrl-C, or by SIGTERM. */
  readonly signal: AbortSignal;
}

/** Listens for Ctrl-C: the first calls `onFirst`, the second ends the process at once. */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let firstAt = -Infinity;
  const interrupt = () => {
    if (Date.now() - firstAt < SAME_KEYSTROKE_MS) return;
    if (controller.signal.aborted) Deno.exit(EXIT_CODE.interrupted);
    firstAt = Date.now();
    onFirst();
    controller.abort();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  signals.forEach((signal) => Deno.addSignalListener(signal, interrupt));
  return {
    signal: controller.signal,
    [Symbol.dispose]: () =>
      signals.forEach((signal) => Deno.removeSignalListener(signal, interrupt)),
  };
}
