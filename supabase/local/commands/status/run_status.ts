import { coloursFor } from "../colours.ts";
import { EXIT_CODE } from "../exit_code.ts";
import { beginOrRefuse } from "../operator/begin_or_refuse.ts";
import { withDatabase } from "../operator/with_database.ts";
import type { Terminal } from "../terminal.ts";
import { describeStatus } from "./describe_status.ts";
import { readStatus, type Status } from "./read_status.ts";
import type { StatusOptions } from "./status_options.ts";
import { watchStatus } from "./watch_status.ts";

/** Tells how the engine is doing, once or again and again; returns the code to end with. */
export async function runStatus(options: StatusOptions, terminal: Terminal): Promise<number> {
  const { databaseUrl, everyMs } = options;
  const first = await beginOrRefuse(() => withDatabase({ databaseUrl, terminal }, readStatus));
  show(first, terminal, everyMs !== null);
  const { status } = everyMs === null ? first : await watchStatus({
    first,
    everyMs,
    // Each over a connection of its own: one that has fallen silent takes no later page with it, and no
    // place in the database is held in between.
    read: () => withDatabase({ databaseUrl, terminal: null }, readStatus),
    show: (read) => show(read, terminal, true),
    onFailure: (message) => terminal.warn(message),
  });
  return status.warnings.length === 0 ? EXIT_CODE.ok : EXIT_CODE.notOk;
}

function show(read: Status, terminal: Terminal, inPlace: boolean): void {
  const page = describeStatus(read, { colours: coloursFor(terminal), width: terminal.width });
  if (inPlace) terminal.page(page);
  else terminal.say(page);
  terminal.result(read);
}
