import { connect, type Sql } from "../postgres/connect.ts";
import { type NetRequest, performRequest } from "./perform_request.ts";

const BATCH_SIZE = 200;
const RESPONSES_KEPT = "6 hours";

/** A running worker. */
export interface NetWorker {
  /** Ends it; requests under way are broken off and, as on the platform, never made again. */
  stop(): Promise<void>;
}

/**
 * Makes the requests that `net.http_post` and its like put into the queue, as pg_net's worker does:
 * once they are committed, up to 200 as one batch, each at most once, and the queue is not read again
 * before the slowest of the batch is over.
 */
export async function startNetWorker({ adminUrl }: { adminUrl: string }): Promise<NetWorker> {
  const worker = new QueueWorker(connect(adminUrl, { max: 2 }));
  await worker.listen();
  return worker;
}

class QueueWorker implements NetWorker {
  readonly #abort = new AbortController();
  #working: Promise<void> | null = null;
  #woken = false;

  constructor(private readonly sql: Sql) {}

  async listen(): Promise<void> {
    const wake = () => this.#wake();
    // The second callback comes at every (re)connection: what was queued meanwhile notified nobody.
    await this.sql.listen("call_dispatch_net_wake", wake, wake);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#working;
    await this.sql.end({ timeout: 2 });
  }

  #wake(): void {
    this.#woken = true;
    this.#working ??= this.#work().finally(() => this.#working = null);
  }

  async #work(): Promise<void> {
    while (this.#woken && !this.#abort.signal.aborted) {
      this.#woken = false;
      try {
        while (await this.#workOffBatch());
      } catch (error) {
        // The database went away. Its return wakes us again.
        console.error("The net worker could not work off its queue:", error);
      }
    }
  }

  async #workOffBatch(): Promise<boolean> {
    if (this.#abort.signal.aborted) return false;
    // Committed before the first request is made: a crash may lose requests, never repeat them.
    const batch = await this.sql<NetRequest[]>`
      with taken as (
        delete from net.http_request_queue
        where id in (select id from net.http_request_queue order by id limit ${BATCH_SIZE})
        returning id, method, url, headers, body, timeout_milliseconds
      )
      select id::text, method::text, url, headers, convert_from(body, 'UTF8') as body,
        timeout_milliseconds
      from taken order by taken.id`;
    await Promise.all(batch.map((request) => this.#handle(request)));
    await this.sql`
      delete from net._http_response where created < now() - ${RESPONSES_KEPT}::text::interval`;
    return batch.length > 0;
  }

  async #handle(request: NetRequest): Promise<void> {
    const result = await performRequest(request, this.#abort.signal);
    if (this.#abort.signal.aborted) return;
    await this.sql`
      insert into net._http_response
        (id, status_code, content_type, headers, content, timed_out, error_msg)
      values (${request.id}, ${result.statusCode}, ${result.contentType},
        ${result.headers && this.sql.json(result.headers)}, ${result.content}, ${result.timedOut},
        ${result.error})`;
  }
}
