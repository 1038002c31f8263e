import assert from "node:assert/strict";
import {
  CallLog,
  type LoggedCall,
  ROWS_A_PAGE,
} from "../../../supabase/functions/call-dispatch/call_log.ts";
import { loggedCall } from "./settlement_rows.ts";

function logOf(length: number): LoggedCall[] {
  return Array.from({ length }, (_, at) => loggedCall({ callId: String(length - at) }));
}

/** Page `number`, from 1, of a log. */
function pageOf(log: LoggedCall[], number: number) {
  const rows = log.slice((number - 1) * ROWS_A_PAGE, number * ROWS_A_PAGE);
  return { rows, received: rows.length, total: log.length };
}

Deno.test("call log: the pages come to the log, and the last one ends it", () => {
  const rows = logOf(120);
  const log = new CallLog();
  for (const [number, hasEnded] of [[1, false], [2, false], [3, true]] as const) {
    log.add(pageOf(rows, number));
    assert.equal(log.hasEnded, hasEnded);
  }
  assert.deepEqual(log.calls, rows);
});

Deno.test("call log: rows that move down between two pages are read twice and kept once", () => {
  const rows = logOf(120);
  const log = new CallLog();
  log.add(pageOf(rows, 1));
  // Two new calls on top, and a long one that has ended at last, further down.
  const later = [loggedCall(), loggedCall(), ...rows.slice(0, 70), loggedCall(), ...rows.slice(70)];
  log.add(pageOf(later, 2));
  assert.equal(log.hasEnded, false);
  log.add(pageOf(later, 3));
  assert.equal(log.hasEnded, true);
  const ids = log.calls.map(({ callId }) => callId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { callId } of rows) assert.ok(ids.includes(callId), callId);
});

Deno.test("call log: a log of whole pages has ended with the empty one after them", () => {
  const rows = logOf(100);
  const log = new CallLog();
  for (const number of [1, 2]) log.add(pageOf(rows, number));
  assert.equal(log.hasEnded, false);
  log.add(pageOf(rows, 3));
  assert.deepEqual([log.hasEnded, log.isExhausted], [true, true]);
});

Deno.test("call log: an empty log has ended", () => {
  const log = new CallLog();
  assert.equal(log.hasEnded, false);
  log.add(pageOf([], 1));
  assert.equal(log.hasEnded, true);
});

Deno.test("call log: a short page of a longer log is not its end", () => {
  const log = new CallLog();
  log.add({ ...pageOf(logOf(30), 1), total: 120 });
  assert.equal(log.hasEnded, false);
});

Deno.test("call log: a total that counts only the page is not its end", () => {
  const log = new CallLog();
  log.add({ ...pageOf(logOf(50), 1), total: 50 });
  assert.equal(log.hasEnded, false);
});

Deno.test("call log: without a total only an empty page is the end", () => {
  const log = new CallLog();
  log.add({ ...pageOf(logOf(20), 1), total: null });
  assert.equal(log.hasEnded, false);
  log.add({ rows: [], received: 0, total: null });
  assert.equal(log.hasEnded, true);
});

Deno.test("call log: an empty page of a log that should have more is no end, yet nothing follows", () => {
  const log = new CallLog();
  log.add({ rows: [], received: 0, total: 7 });
  assert.deepEqual([log.hasEnded, log.isExhausted], [false, true]);
});

Deno.test("call log: a row that was left out is remembered, and counts for the length", () => {
  const log = new CallLog();
  const rows = logOf(3);
  log.add({ rows: rows.slice(1), received: 3, total: 3 });
  assert.deepEqual([log.isReadable, log.hasEnded], [false, true]);
});
