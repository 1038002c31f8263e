import assert from "node:assert/strict";
import fc from "fast-check";
import { fileURLToPath } from "node:url";
import { readCallback } from "../../../supabase/functions/_shared/read_callback.ts";

/** A Tuesday. */
const NOW = "2026-11-24T14:00:00";

const local: Record<string, [string, string][]> = {
  "a day and an hour": [
    ["tomorrow at ten", "2026-11-25T10:00:00"],
    ["tomorrow at 10:30", "2026-11-25T10:30:00"],
    ["tomorrow at half past ten", "2026-11-25T10:30:00"],
    ["tomorrow at ten thirty", "2026-11-25T10:30:00"],
    ["tomorrow at nine fifteen", "2026-11-25T09:15:00"],
    ["tomorrow at nine forty-five", "2026-11-25T09:45:00"],
    ["quarter past nine tomorrow", "2026-11-25T09:15:00"],
    ["quarter to one tomorrow", "2026-11-25T12:45:00"],
    ["day after tomorrow at 11", "2026-11-26T11:00:00"],
    ["next Tuesday 3pm", "2026-12-01T15:00:00"],
    ["next week monday 3pm", "2026-11-30T15:00:00"],
    ["2026-12-01 15:30", "2026-12-01T15:30:00"],
    ["2026-12-01 15:30:20", "2026-12-01T15:30:20"],
    ["1st december 4 pm", "2026-12-01T16:00:00"],
    ["Tuesday 6pm", "2026-11-24T18:00:00"],
    ["tomorrow, please call me at 5", "2026-11-25T17:00:00"],
    ["5 pm would be fine, tomorrow", "2026-11-25T17:00:00"],
  ],
  "a day without an hour, at 10:00": [
    ["tomorrow", "2026-11-25T10:00:00"],
    ["in 2 days", "2026-11-26T10:00:00"],
    ["Friday", "2026-11-27T10:00:00"],
    ["sunday", "2026-11-29T10:00:00"],
    ["tuesday", "2026-12-01T10:00:00"],
    ["next week", "2026-12-01T10:00:00"],
    ["1 Dec", "2026-12-01T10:00:00"],
    ["20 june", "2027-06-20T10:00:00"],
  ],
  "a part of the day": [
    ["evening", "2026-11-24T20:00:00"],
    ["tonight", "2026-11-24T20:00:00"],
    ["tomorrow evening", "2026-11-25T20:00:00"],
    ["tomorrow morning", "2026-11-25T10:00:00"],
    ["in the morning", "2026-11-25T10:00:00"],
    ["friday afternoon", "2026-11-27T15:00:00"],
    ["noon", "2026-11-25T12:00:00"],
  ],
  "some time from now": [
    ["in two hours", "2026-11-24T16:00:00"],
    ["in half an hour", "2026-11-24T14:30:00"],
    ["one hour", "2026-11-24T15:00:00"],
    ["half an hour", "2026-11-24T14:30:00"],
    ["call me back 1 hour and 30 minutes later", "2026-11-24T15:30:00"],
    ["a couple of hours", "2026-11-24T16:00:00"],
    ["in a couple of hours", "2026-11-24T16:00:00"],
    ["in 1.5 hours", "2026-11-24T15:30:00"],
    ["2 days", "2026-11-26T10:00:00"],
    ["an hour and a half", "2026-11-24T15:30:00"],
    ["call me back in ten minutes please", "2026-11-24T14:10:00"],
    ["after 15 minutes", "2026-11-24T14:15:00"],
    ["in 20 hours", "2026-11-25T10:00:00"],
  ],
  "an hour that could be of either half of the day": [
    ["at 6", "2026-11-24T18:00:00"],
    ["five o'clock", "2026-11-24T17:00:00"],
    ["at 10", "2026-11-25T10:00:00"],
    ["at 12", "2026-11-25T12:00:00"],
    ["today at 8", "2026-11-24T20:00:00"],
    ["tomorrow at 7", "2026-11-25T19:00:00"],
    ["tomorrow at 8", "2026-11-25T08:00:00"],
    ["Tuesday at 6", "2026-11-24T18:00:00"],
    ["after 5", "2026-11-24T17:00:00"],
    ["after 5 on friday", "2026-11-27T17:00:00"],
    ["tomorrow around 4ish", "2026-11-25T16:00:00"],
    ["between 4 and 5 tomorrow", "2026-11-25T16:00:00"],
    ["tomorrow 4-5", "2026-11-25T16:00:00"],
  ],
  "an hour whose half of the day is stated, also at night": [
    ["tomorrow at 6am", "2026-11-25T06:00:00"],
    ["6 am", "2026-11-25T06:00:00"],
    ["tomorrow at 22:00", "2026-11-25T22:00:00"],
    ["11 pm", "2026-11-24T23:00:00"],
    ["0:30", "2026-11-25T00:30:00"],
    ["midnight", "2026-11-25T00:00:00"],
    ["at 7 tomorrow morning", "2026-11-25T07:00:00"],
    ["tomorrow at 6 in the evening", "2026-11-25T18:00:00"],
    ["tomorrow at 8 o'clock in the evening", "2026-11-25T20:00:00"],
    ["tomorrow evening at 6", "2026-11-25T18:00:00"],
    ["2026-12-01 06:00", "2026-12-01T06:00:00"],
    ["2026-12-01 06:00 pm", "2026-12-01T18:00:00"],
  ],
  "the first of several": [
    ["tomorrow at 10 am or friday at 5", "2026-11-25T10:00:00"],
    ["tomorrow or at 5", "2026-11-25T10:00:00"],
    ["at 5 or tomorrow", "2026-11-24T17:00:00"],
  ],
  "the first that is meant": [
    ["I am busy now, call tomorrow at 11", "2026-11-25T11:00:00"],
    ["not tomorrow, friday at 3", "2026-11-27T15:00:00"],
    ["you called last friday, call tomorrow", "2026-11-25T10:00:00"],
    ["I may be free tomorrow at 4", "2026-11-25T16:00:00"],
  ],
};
for (const [name, cases] of Object.entries(local)) {
  Deno.test(`read callback: ${name}`, () => {
    for (const [text, local_time] of cases) {
      assert.deepEqual(readCallback(text, NOW), { local_time }, text);
    }
  });
}

Deno.test("read callback: a stated zone or offset gives an instant", () => {
  const cases: [string, string][] = [
    ["2026-12-01T10:00+05:30", "2026-12-01T04:30:00.000Z"],
    ["2026-12-01 10:00+05:30", "2026-12-01T04:30:00.000Z"],
    ["2026-12-01T10:00:00Z", "2026-12-01T10:00:00.000Z"],
    ["10am EST", "2026-11-25T15:00:00.000Z"],
    ["tomorrow 6 pm IST", "2026-11-25T12:30:00.000Z"],
    ["tomorrow at 6 IST", "2026-11-25T12:30:00.000Z"],
    ["tomorrow 6 pm Indian standard time", "2026-11-25T12:30:00.000Z"],
    ["tomorrow 10 am eastern time", "2026-11-25T15:00:00.000Z"],
    // Past by the clock on this wall, but maybe not there.
    ["2026-11-24T10:00:00-05:00", "2026-11-24T15:00:00.000Z"],
  ];
  for (const [text, moment] of cases) assert.deepEqual(readCallback(text, NOW), { moment }, text);
});

const none: Record<string, string[]> = {
  "no time at all": ["", " ", "never", "asap?", "no", "later", "false", "null", "+919812345678"],
  "a time that is past": [
    "now",
    "yesterday",
    "2020-01-01 10:00",
    "today",
    "last friday",
    "2 hours ago",
  ],
  "a wish not to be called": ["never call tomorrow", "do not call me tomorrow", "Don’t ring at 6"],
  "a month alone, which may be a verb": ["may", "may be", "in december"],
  "a day of a month that is not named": ["on the 5th", "on 5th at 3pm"],
  "a time behind 300 characters": [`${"well, ".repeat(50)}tomorrow`],
  "a time beyond all calendars": ["in 999999 years", "9999-12-31 23:00", "99999-01-01"],
};
for (const [name, texts] of Object.entries(none)) {
  Deno.test(`read callback: ${name} is no callback`, () => {
    for (const text of texts) assert.equal(readCallback(text, NOW), null, text);
  });
}

Deno.test("read callback: a clock that is none is no callback", () => {
  for (const clock of ["", "tomorrow", "2026-13-01T00:00:00"]) {
    assert.equal(readCallback("at 6", clock), null);
  }
});

Deno.test("read callback: only what comes is taken, whatever the hour it was said at", () => {
  assert.deepEqual(readCallback("at 6", "2026-11-24T19:00:00"), {
    local_time: "2026-11-25T18:00:00",
  });
  assert.deepEqual(readCallback("at 10", "2026-11-24T09:00:00"), {
    local_time: "2026-11-24T10:00:00",
  });
  assert.deepEqual(readCallback("5 pm", "2026-12-31T20:00:00"), {
    local_time: "2027-01-01T17:00:00",
  });
});

Deno.test("read callback: whatever text comes, it is a well-formed time to come, or none, and soon", () => {
  const words = fc.constantFrom(
    ..."at in tomorrow 10 5 pm am friday two hours - : / 2026 12 01 next week or half past EST"
      .split(" "),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 1_000 }),
    fc.array(words, { maxLength: 200 }).map((parts) => parts.join(" ")),
  );
  const startedAt = performance.now();
  fc.assert(fc.property(text, (said) => {
    const time = readCallback(said, NOW);
    if (time === null) return;
    if ("moment" in time) return assert.match(time.moment, /^\d{4}-\d\d-\d\dT[\d:]{8}\.000Z$/);
    assert.match(time.local_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    assert.ok(time.local_time > NOW);
  }));
  assert.ok(performance.now() - startedAt < 20_000);
});

for (const zone of ["America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"]) {
  Deno.test(`read callback: the same on a machine in ${zone}`, async () => {
    const cases = Object.values(local).flat();
    const module = new URL("../../../supabase/functions/_shared/", import.meta.url);
    const script = `
      import { readCallback } from "${new URL("read_callback.ts", module)}";
      const texts = ${JSON.stringify(cases.map(([text]) => text))};
      const offset = new Date(0).getTimezoneOffset();
      console.log(JSON.stringify([offset, texts.map((text) => readCallback(text, "${NOW}"))]));
    `;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--config", fileURLToPath(new URL("deno.json", module)), script],
      env: { TZ: zone },
      stdin: "null",
    }).output();
    const [offset, times] = JSON.parse(new TextDecoder().decode(stdout));
    assert.notEqual(offset, 0);
    assert.deepEqual(times, cases.map(([, local_time]) => ({ local_time })));
  });
}
