// Webhooks, the reply to the request, the call log and the rescue of what died are stored in whatever
// order they happen to come, and some of them twice. Here every order is tried, and all of them have
// to leave the same rows.
import assert from "node:assert/strict";
import type { Sql } from "../../supabase/local/postgres/connect.ts";
import {
  type CallEvent,
  freshOmniId,
  insertCall,
  type InsertedCall,
} from "../support/call_event.ts";
import { recordEvent } from "../support/call_event.ts";
import { freshDatabase } from "../support/fresh_database.ts";

/** One thing that happens to the attempt; asked again, it happens again. */
type Act = (sql: Sql, call: Call, asOf: Date) => Promise<unknown>;

interface Call extends InsertedCall {
  /** The ids that Omni gives: of the request and of its two calls. */
  omni: { request: string; first: string; second: string };
}

interface Story {
  acts: Record<string, Act>;
  /** What all orders have to come to, as far as it is worth saying. */
  expected: { outcome: string; follow_ups: number; callback_status: string | null };
  /** Happens once more when everything has happened, as it would in the next run. */
  lastly?: Act;
}

// Two hours ago: sending is stale by now, and an accepted call longer than any.
const OPENED_AT = new Date(Date.now() - 7_200_000);
const WISH = { callback_time: { value: "tomorrow at five" } };

const reply = (report: Record<string, unknown>): Act => (sql, call, asOf) => {
  const { attempt_id, lease_token, omni } = call;
  const request_id = report.status === "accepted" ? omni.request : null;
  const results = JSON.stringify([{ attempt_id, lease_token, request_id, ...report }]);
  return sql`select public.record_dispatch_results(${results}::text::jsonb, ${asOf})`;
};

const accepted = reply({
  status: "accepted",
  http_status: 200,
  response: { success: true, status: "dispatched" },
});

const rescue: Act = (sql, _call, asOf) =>
  sql`select public.rescue_stale_attempts(as_of => ${asOf})`;

type Names = "attempt and request" | "attempt" | "request";

const named = (by: Names, call: Call) => ({
  attempt_id: by === "request" ? null : call.attempt_id,
  request_id: by === "attempt" ? null : call.omni.request,
});

const firstWebhook = (by: Names, told: Partial<CallEvent> = {}): Act => (sql, call, asOf) =>
  recordEvent(sql, {
    ...named(by, call),
    call_id: call.omni.first,
    outcome: "no_answer",
    duration_seconds: 0,
    ...told,
  }, asOf);

const secondWebhook = (by: Names, told: Partial<CallEvent> = {}): Act => (sql, call, asOf) =>
  recordEvent(sql, {
    ...named(by, call),
    call_id: call.omni.second,
    outcome: "completed",
    duration_seconds: 42,
    recording_url: "https://recordings.test/second",
    summary: "Wants to be called again",
    extracted_variables: WISH,
    ...told,
  }, asOf);

const logRow: Act = (sql, call, asOf) =>
  recordEvent(sql, {
    ...named("attempt and request", call),
    source: "call_log",
    call_id: call.omni.first,
    to_number: call.to_number,
    outcome: "no_answer",
    duration_seconds: 1,
    recording_url: "https://recordings.test/first",
  }, asOf);

const readCallback: Act = async (sql, call, asOf) => {
  for (
    const wish of await sql`
    select callback_text from public.callbacks_to_read(of_attempt => ${call.attempt_id})`
  ) {
    await sql`
      select public.plan_callback(
        ${call.attempt_id}, ${wish.callback_text}, moment => ${OPENED_AT}::timestamptz + '1 day',
        as_of => ${asOf}
      )`;
  }
};

const reached = { outcome: "completed", follow_ups: 1, callback_status: "to_read" };

const stories: Record<string, Story> = {
  "the request was accepted": {
    acts: {
      reply: accepted,
      first: firstWebhook("attempt and request"),
      second: secondWebhook("attempt and request"),
      log: logRow,
      rescue,
    },
    expected: reached,
  },
  "no reply came": {
    acts: {
      reply: reply({ status: "unknown", error: "No reply within 15000 ms" }),
      first: firstWebhook("attempt and request"),
      second: secondWebhook("attempt and request"),
      log: logRow,
      rescue,
    },
    expected: reached,
  },
  "the reply was HTTP 500": {
    acts: {
      reply: reply({
        status: "unknown",
        http_status: 500,
        error: "Omni answered HTTP 500",
        response: { text: "Internal Server Error" },
      }),
      first: firstWebhook("attempt and request"),
      second: secondWebhook("attempt and request"),
      log: logRow,
      rescue,
    },
    expected: reached,
  },
  "the webhooks name only the attempt": {
    acts: {
      reply: accepted,
      first: firstWebhook("attempt"),
      second: secondWebhook("attempt"),
      log: logRow,
      rescue,
    },
    expected: reached,
  },
  "the webhooks name only the request": {
    acts: {
      reply: accepted,
      first: firstWebhook("request"),
      second: secondWebhook("request"),
      log: logRow,
      rescue,
    },
    expected: reached,
  },
  "nobody was reached, and a recall is planned": {
    acts: {
      reply: accepted,
      first: firstWebhook("attempt and request"),
      second: secondWebhook("attempt and request", {
        outcome: "voicemail_detected",
        extracted_variables: null,
      }),
      log: logRow,
      rescue,
    },
    expected: { outcome: "voicemail_detected", follow_ups: 2, callback_status: null },
  },
  "a run reads the wish in between": {
    acts: {
      reply: accepted,
      first: firstWebhook("attempt and request"),
      second: secondWebhook("attempt and request"),
      read: readCallback,
      rescue,
    },
    lastly: readCallback,
    expected: { outcome: "completed", follow_ups: 2, callback_status: "planned" },
  },
  "a worse report had a wish of its own, and a run reads in between": {
    acts: {
      reply: accepted,
      first: firstWebhook("attempt", {
        outcome: "completed",
        extracted_variables: { callback: "next week" },
      }),
      second: secondWebhook("attempt"),
      log: logRow,
      read: readCallback,
    },
    lastly: readCallback,
    expected: { outcome: "completed", follow_ups: 2, callback_status: "planned" },
  },
};

/** What depends on when something was stored, and not only on what was. */
const MOMENTS = new Set([
  "created_at",
  "updated_at",
  "received_at",
  "ended_at",
  "due_at",
  "looked_up_at",
]);

/** Everything that is stored of one call. */
async function rowsOf(sql: Sql, call: Call): Promise<unknown> {
  const [row] = await sql<{ rows: unknown }[]>`
    select jsonb_build_object(
      'attempts', (
        select jsonb_agg(to_jsonb(a) order by a.opened_at)
        from public.call_attempts a where a.lead_id = ${call.lead_id}
      ),
      'follow_ups', (
        select jsonb_agg(to_jsonb(f) order by f.recall_of nulls first)
        from public.follow_ups f where f.lead_id = ${call.lead_id}
      ),
      'lead', (select to_jsonb(l) from public.leads l where l.id = ${call.lead_id}),
      -- The events' only mark that is not made of ids is what they tell.
      'events', (
        select jsonb_agg(to_jsonb(e) - 'id' - 'content_hash' order by e.source, e.call_id)
        from public.call_events e where e.call_id in (${call.omni.first}, ${call.omni.second})
      )
    ) as rows`;
  return row!.rows;
}

/** The rows with each id replaced by what it is the id of, and without moments unless all are one. */
function comparable(rows: unknown, call: Call, keepMoments: boolean): string {
  const roles: Record<string, string> = {
    [call.attempt_id]: "the attempt",
    [call.lead_id]: "the lead",
    [call.follow_up_id]: "the follow-up",
    [call.lease_token]: "the lease",
    [call.to_number]: "the number",
    [call.omni.request]: "the request",
    [call.omni.first]: "the first call",
    [call.omni.second]: "the second call",
  };
  const seen = new Map<string, string>();
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  return JSON.stringify(rows, (key, value) => {
    if (!keepMoments && MOMENTS.has(key)) return value === null ? null : "some moment";
    if (typeof value !== "string") return value;
    if (value in roles) return roles[value];
    if (!isId.test(value)) return value;
    if (!seen.has(value)) seen.set(value, `generated id ${seen.size + 1}`);
    return seen.get(value);
  }, 1);
}

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest])
  );
}

async function newCall(sql: Sql): Promise<Call> {
  const call = await insertCall(sql, { status: "sending", opened_at: OPENED_AT });
  for (const table of ["leads", "follow_ups"] as const) {
    const id = table === "leads" ? call.lead_id : call.follow_up_id;
    await sql`
      update public.${sql(table)} set created_at = ${OPENED_AT}, updated_at = ${OPENED_AT}
      where id = ${id}`;
  }
  return {
    ...call,
    omni: { request: freshOmniId(), first: freshOmniId(), second: freshOmniId() },
  };
}

/** Which orders come to which rows. */
async function ordersByResult(
  sql: Sql,
  story: Story,
  { times, growing }: { times: number; growing: boolean },
): Promise<Map<string, string[]>> {
  const results = new Map<string, string[]>();
  const began = Date.now();
  for (const order of permutations(Object.keys(story.acts))) {
    const call = await newCall(sql);
    let moment = began;
    const happen = async (act: Act) => {
      if (growing) moment += 1_000;
      await act(sql, call, new Date(moment));
    };
    for (const name of order) {
      for (let time = 0; time < times; time += 1) await happen(story.acts[name]!);
    }
    if (story.lastly) await happen(story.lastly);
    const rows = comparable(await rowsOf(sql, call), call, !growing);
    results.set(rows, [...results.get(rows) ?? [], order.join(" ")]);
  }
  return results;
}

/** Fails with the first line in which two orders differ, and how many there are of each. */
function assertOneResult(results: Map<string, string[]>): string {
  const [[usual, usualOrders], ...others] = [...results]
    .sort(([, one], [, two]) => two.length - one.length) as [[string, string[]]];
  const differences = (others as [string, string[]][]).map(([rows, orders]) => {
    const lines = usual.split("\n");
    const differing = rows.split("\n").filter((line) => !lines.includes(line)).map((line) =>
      line.trim()
    );
    return { orders: orders.length, such_as: orders[0], differing: differing.slice(0, 12) };
  });
  assert.deepEqual(differences, [], `${usualOrders.length} orders come to one result, others not`);
  return usual;
}

for (const [name, story] of Object.entries(stories)) {
  for (const times of [1, 2]) {
    for (const growing of [false, true]) {
      const how = `${times === 1 ? "once" : "twice"} each, ${
        growing ? "one second apart" : "at one moment"
      }`;
      Deno.test(`orders: when ${name}, every order ends in the same rows, ${how}`, async () => {
        await using database = await freshDatabase();
        const { sql } = database;
        const other = await newCall(sql);
        await sql`update public.call_attempts set sending_until = now() + interval '1 day'`;
        const before = await rowsOf(sql, other);
        const rows = JSON.parse(
          assertOneResult(await ordersByResult(sql, story, { times, growing })),
        );
        const [attempt] = rows.attempts;
        assert.deepEqual({
          outcome: attempt.outcome,
          follow_ups: rows.follow_ups.length,
          callback_status: attempt.callback_status,
        }, story.expected);
        assert.deepEqual([attempt.status, rows.follow_ups[0].status], ["ended", "completed"]);
        assert.deepEqual(await rowsOf(sql, other), before);
      });
    }
  }
}
