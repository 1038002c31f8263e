import { connect, type Sql } from "../postgres/connect.ts";
import { type NetRequest, type NetResponse, performRequest } from "./perform_request.ts";

const BATCH_SIZE = 200;
const RESPONSES_KEPT = "6 hours";

/** A running worker. */
export interface NetWorker {
  /** Ends it; requests under way are broken off and, as on the platform, never made again. */
  stop(): Promise<void>;
}

/**
 * Makes the requests that `net.http_post` and its like put into the queue, as pg_net's worker does:
 * once they are committed, up to 200 as one batch, each at most once. Before the slowest of the batch is
 * over, no response is written and the queue is not read again.
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
    await this.sql`
      delete from net._http_response where created < now() - ${RESPONSES_KEPT}::text::interval`;
    // Committed before the first request is made: a crash may lose requests, never repeat them.
    const batch = await this.sql<(NetRequest & { taken_at: Date })[]>`
      with taken as (
        delete from net.http_request_queue
        where id in (select id from net.http_request_queue order by id limit ${BATCH_SIZE})
        returning id, method, url, headers, body, timeout_milliseconds
      )
      select id::text, method::text, url, headers, convert_from(body, 'UTF8') as body,
        timeout_milliseconds, now() as taken_at
      from taken order by taken.id`;
    const [first] = batch;
    if (!first) return false;
    const responses = await Promise.all(
      batch.map((request) => performRequest(request, this.#abort.signal)),
    );
    if (!this.#abort.signal.aborted) await this.#store(batch, responses, first.taken_at);
    return true;
  }

  /** All at once, and with the time at which the batch began, which is the age that pg_net gives them. */
  async #store(batch: NetRequest[], responses: NetResponse[], created: Date): Promise<void> {
    const rows = responses.map((response, index) => ({
      id: batch[index]?.id,
      status_code: response.statusCode,
      content_type: response.contentType,
      headers: response.headers,
      content: response.content,
      timed_out: response.timedOut,
      error_msg: response.error,
      created,
    }));
    await this.sql`
      insert into net._http_response
      select * from jsonb_populate_recordset(
        null::net._http_response, ${JSON.stringify(rows)}::text::jsonb
      )`;
  }
}
