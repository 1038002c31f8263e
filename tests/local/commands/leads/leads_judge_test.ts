import assert from "node:assert/strict";
import { LeadsJudge } from "../../../../supabase/local/commands/leads/leads_judge.ts";
import { parseCsv } from "../../../../supabase/local/commands/leads/parse_csv.ts";
import { readHeader } from "../../../../supabase/local/commands/leads/read_header.ts";
import { badLeads } from "./bad_leads.ts";

function judge(text: string, { country = null as string | null, known = [] as string[] } = {}) {
  const [header, ...rows] = parseCsv(text).rows;
  return new LeadsJudge({
    header: readHeader(header?.fields ?? []),
    country,
    knownNumbers: new Set(known),
  }).judge(rows);
}

Deno.test("LeadsJudge: 40 bad rows in ten ways among 300 are told by line and field, the rest pass", () => {
  const { text, faults } = badLeads();
  const judged = judge(text);
  assert.equal(judged.leads.length, 260);
  assert.deepEqual(
    new Map(judged.faults.map(({ line, text }) => [line, text.split(/[ :]/)[0]])),
    faults,
  );
});

Deno.test("LeadsJudge: a row that is good becomes a lead with its number in E.164", () => {
  const text =
    'phone,customer_name,stage,time_zone\n(212) 555-0142,"Ann\nLee", Visit Scheduled ,\n';
  assert.deepEqual(judge(text, { country: "US" }).leads, [
    {
      customer_name: "Ann Lee",
      phone: "+12125550142",
      stage: "visit_scheduled",
      time_zone: null,
    },
  ]);
});

Deno.test("LeadsJudge: only phone is needed", () => {
  assert.deepEqual(judge("phone\n+12125550142\n").leads, [
    { customer_name: null, phone: "+12125550142", stage: "new", time_zone: null },
  ]);
});

Deno.test("LeadsJudge: the same number in another spelling names the earlier line", () => {
  const { leads, faults } = judge("phone\n+12125550142\n+1 (212) 555-0142\n");
  assert.equal(leads.length, 1);
  assert.deepEqual(faults, [
    { line: 3, text: 'phone "+12*******42": Line 2 has the same number' },
  ]);
});

Deno.test("LeadsJudge: a row that was rejected does not stand in the way of a later one", () => {
  const { leads, faults } = judge("phone,stage\n+12125550142,hot\n+12125550142,new\n");
  assert.equal(leads.length, 1);
  assert.deepEqual(faults.map(({ line }) => line), [2]);
});

Deno.test("LeadsJudge: a number that a lead has already is not loaded again", () => {
  const { leads, faults } = judge("phone\n+1 212 555 0142\n", { known: ["+12125550142"] });
  assert.equal(leads.length, 0);
  assert.match(faults[0]?.text ?? "", /already there/);
});

Deno.test("LeadsJudge: every fault of a row is told at once", () => {
  const [fault] = judge("phone,stage,time_zone\n12,hot,Nowhere\n").faults;
  assert.match(fault?.text ?? "", /^phone .*; stage "hot": .*; time_zone "Nowhere": /);
});

Deno.test("LeadsJudge: an offset is no time zone, a zone in lower case is one", () => {
  const { leads, faults } = judge(
    "phone,time_zone\n+12125550142,+05:30\n+12125550143,asia/kolkata\n",
  );
  assert.deepEqual([leads.length, faults[0]?.line], [1, 2]);
});

Deno.test("LeadsJudge: a row that ran on over lines says so", () => {
  const [fault] = judge('phone,stage\n"+12125550142,new\n+12125550143,new"\n').faults;
  assert.equal(fault?.line, 2);
  assert.match(fault?.text ?? "", /goes on to line 3: is a quote missing/);
});

Deno.test("LeadsJudge: what is quoted of a row can do a terminal no harm", () => {
  const [fault] = judge("phone,stage\n+12125550142,\u001b[2J\u202ehot\n").faults;
  assert.doesNotMatch(fault?.text ?? "", /[\p{Cc}\p{Cf}]/u);
});
