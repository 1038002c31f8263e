import assert from "node:assert/strict";
import { describeEndedCall } from "../../../../supabase/local/commands/start/describe_ended_call.ts";
import { endedCall } from "./ended_call.ts";

const next = { recall_at: new Date(), recall_local: "Mon 23 Nov 09:00" };
const unanswered = { outcome: "no_answer", is_terminal: false, duration_seconds: 0 };
const wish = { callback_text: "tomorrow at 10 am", callback_status: "planned" };

const cases = [
  [{}, "completed, 1 min 20 s"],
  [{ duration_seconds: 45 }, "completed, 45 s"],
  [{ duration_seconds: 120 }, "completed, 2 min"],
  [{ duration_seconds: null }, "completed"],
  [{ ...unanswered, ...next }, "no answer; next try Mon 23 Nov 09:00 (America/Chicago)"],
  [unanswered, "no answer; not tried again"],
  [
    { ...wish, ...next },
    'completed, 1 min 20 s; asked to be called again: "tomorrow at 10 am", ' +
    "planned for Mon 23 Nov 09:00 (America/Chicago)",
  ],
  [
    wish,
    'completed, 1 min 20 s; asked to be called again: "tomorrow at 10 am", ' +
    "but may not be called again",
  ],
  [
    { callback_text: "some \x1b[31mday\n", callback_status: "not_understood" },
    'completed, 1 min 20 s; asked to be called again: "some ·[31mday", which a person has to read',
  ],
  [
    { ...wish, callback_status: "to_read" },
    'completed, 1 min 20 s; asked to be called again: "tomorrow at 10 am", which the next run reads',
  ],
  [{ outcome: null, duration_seconds: null }, "nobody told how"],
] as const;

Deno.test("describeEndedCall: how it ended, and what follows", () => {
  for (const [told, text] of cases) {
    assert.equal(
      describeEndedCall(endedCall(told)),
      `Call ended at 17:50:31: Ana Flores +12*******42, ${text}`,
    );
  }
});

Deno.test("describeEndedCall: when nobody told it at once, only the latest moment is known", () => {
  for (
    const [told, text] of [
      [{ reported_by: "call_log" }, "completed, 1 min 20 s"],
      [{ reported_by: "operator", outcome: null, duration_seconds: null }, "settled by hand"],
    ] as const
  ) {
    assert.equal(
      describeEndedCall(endedCall(told)),
      `Call was over by 17:50:31: Ana Flores +12*******42, ${text}`,
    );
  }
});

Deno.test("describeEndedCall: without a name there is the number", () => {
  assert.match(describeEndedCall(endedCall({ name: null })), /17:50:31: \+12\*{7}42, completed/);
});
