import assert from "node:assert/strict";
import type { Observe } from "../../supabase/local/gateway/observe.ts";
import { Witness } from "./witness.ts";

Deno.test("witness: what a killed run has opened and not reported is ambiguous", async () => {
  const { witness, commit } = watch();
  await begin(commit, "dead");
  await open(commit, "dead", ["a", "b"]);
  await report(commit, "a", "accepted");
  assert.deepEqual([...witness.ambiguous()], [], "while it lives, nothing is");
  witness.noteKill();
  await begin(commit, "alive");
  await open(commit, "alive", ["c"]);
  assert.deepEqual([...witness.ambiguous()], [["b", "+b"]]);
});

Deno.test("witness: what the database did not open, or is disowned, is not ambiguous", async () => {
  const { witness, commit } = watch();
  await begin(commit, "dead");
  const body = bodyOf("dead", ["a", "b"]);
  witness.disown(bodyOf("dead", ["b"]));
  await commit("open_call_attempts", body, [{ attempt_id: "b" }]);
  witness.noteKill();
  assert.deepEqual([...witness.ambiguous()], []);
});

Deno.test("witness: a report that comes after the attempt was given up counts only when accepted", async () => {
  const { witness, commit } = watch();
  await begin(commit, "slow");
  await open(commit, "slow", ["a", "b"]);
  witness.letTimeBeUp(["a", "b"]);
  await commit("rescue_stale_attempts", "{}", 2);
  assert.deepEqual([...witness.ambiguous()], [], "that a run does not report is no excuse");
  await report(commit, "a", "accepted");
  await report(commit, "b", "postponed");
  assert.deepEqual([...witness.ambiguous()], [["b", "+b"]]);
});

Deno.test("witness: a reply that the provider lost is ambiguous, whatever is reported", async () => {
  const { witness, commit } = watch(new Set(["a"]));
  await begin(commit, "alive");
  await open(commit, "alive", ["a"]);
  await report(commit, "a", "unknown");
  assert.deepEqual([...witness.ambiguous()], [["a", "+a"]]);
});

Deno.test("witness: the leads of ambiguous attempts are those whose follow-ups were claimed", async () => {
  const { witness, commit } = watch(new Set(["a"]));
  await begin(commit, "alive");
  await commit("claim_due_follow_ups", "{}", [
    { follow_up_id: "of a", lead_id: "Ada" },
    { follow_up_id: "of b", lead_id: "Bob" },
  ]);
  await open(commit, "alive", ["a", "b"]);
  assert.deepEqual([...witness.ambiguousLeads()], ["Ada"]);
});

type Commit = (functionName: string, body: string, result: unknown) => Promise<void>;

function watch(lost: ReadonlySet<string> = new Set()): { witness: Witness; commit: Commit } {
  const gateway: { observe: Observe | undefined } = { observe: undefined };
  const witness = new Witness(gateway, lost);
  const commit: Commit = async (functionName, body, result) => {
    const json = JSON.stringify(result);
    gateway.observe?.({
      functionName,
      body,
      result: Promise.resolve({ json, returnsSet: true }),
    });
    await witness.quiet();
  };
  return { witness, commit };
}

function begin(commit: Commit, run: string): Promise<void> {
  return commit("begin_dispatch_run", "{}", [{ id: run }]);
}

function open(commit: Commit, run: string, ids: string[]): Promise<void> {
  return commit("open_call_attempts", bodyOf(run, ids), ids.map((id) => ({ attempt_id: id })));
}

function report(commit: Commit, id: string, status: string): Promise<void> {
  const results = [{ attempt_id: id, status }];
  return commit("record_dispatch_results", JSON.stringify({ results }), []);
}

function bodyOf(run: string, ids: string[]): string {
  const items = ids.map((id) => ({
    attempt_id: id,
    follow_up_id: `of ${id}`,
    to_number: `+${id}`,
  }));
  return JSON.stringify({ run_id: run, items });
}
