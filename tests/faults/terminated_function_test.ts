// SIGTERM: the platform ends the process and gives it some seconds.
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { askForRun, dispatch } from "../support/project.ts";
import { type EmbeddedProject, startEmbeddedProject } from "../support/start_embedded_project.ts";
import { attemptsByStatus } from "./attempts_by_status.ts";
import { insertLeads } from "./insert_leads.ts";
import { assertInvariants } from "./invariants.ts";

const LEADS = 20;
const AT_ONCE = 4;

const callers: [string, RequestInit][] = [
  ["whose caller waits", {}],
  ["whose caller has its 202", { headers: { prefer: "respond-async" } }],
];

for (const [what, init] of callers) {
  Deno.test(`terminated: a run ${what} records what is under way and gives the rest back`, async () => {
    await using project = await startEmbeddedProject({ DISPATCH_CONCURRENCY: String(AT_ONCE) });
    const { sql, omni } = project;
    const numbers = await insertLeads(sql, LEADS);
    omni.change({ latencyMs: 300 });
    const reply = askForRun(project, init).then((response) => response.json());
    await eventually("calls are under way", () => omni.ledger.count >= AT_ONCE || undefined);
    await project.function.stop();
    await reply;
    const rung = omni.ledger.rings().map((ring) => ring.toNumber).sort();
    assert.ok(rung.length < LEADS, "it was in the middle");
    assert.deepEqual(await attemptsByStatus(sql, "accepted"), rung);
    assert.deepEqual(await attemptsByStatus(sql, "sending"), []);
    await assertRunIsClosed(project, rung.length);
    const leased = await sql`select from public.follow_ups where lease_token is not null`;
    assert.equal(leased.length, 0, "nothing has to wait for a lease");
    await assertInvariants(sql, omni.ledger.rings());

    omni.change({ latencyMs: 0 });
    await project.function.restart();
    await dispatch(project);
    assert.deepEqual(omni.ledger.rings().map((ring) => ring.toNumber).sort(), numbers.toSorted());
    await assertInvariants(sql, omni.ledger.rings());
  });
}

async function assertRunIsClosed({ sql }: EmbeddedProject, accepted: number): Promise<void> {
  const runs = await sql`
    select stop_reason, error, accepted, finished_at is not null as finished
    from public.dispatch_runs where source = 'manual'`;
  assert.deepEqual(runs.map((run) => ({ ...run })), [
    { stop_reason: "deadline", error: null, accepted, finished: true },
  ]);
}
