type Listener = (error: unknown) => boolean;

const listeners: Listener[] = [];

/**
 * Calls `listener` with what is thrown where nobody can catch it: out of a timer, or by a promise that
 * nobody waits for. Whoever began to listen last is asked first, and takes it by returning true; what
 * nobody takes ends the process.
 */
export function listenForStrayErrors(listener: Listener): Disposable {
  if (listeners.length === 0) {
    addEventListener("error", onError);
    addEventListener("unhandledrejection", onRejection);
  }
  listeners.unshift(listener);
  return { [Symbol.dispose]: () => stopListening(listener) };
}

function stopListening(listener: Listener): void {
  listeners.splice(listeners.indexOf(listener), 1);
  if (listeners.length > 0) return;
  removeEventListener("error", onError);
  removeEventListener("unhandledrejection", onRejection);
}

function onError(event: ErrorEvent): void {
  if (listeners.some((takes) => takes(event.error))) event.preventDefault();
}

function onRejection(event: PromiseRejectionEvent): void {
  if (listeners.some((takes) => takes(event.reason))) event.preventDefault();
}
