import { backendsKilled } from "./scenarios/backends_killed.ts";
import { clockJumps } from "./scenarios/clock_jumps.ts";
import { connectionsExhausted } from "./scenarios/connections_exhausted.ts";
import { dueInOneMinute } from "./scenarios/due_in_one_minute.ts";
import { gateway5xxAfter } from "./scenarios/gateway_5xx_after.ts";
import { gateway5xxBefore } from "./scenarios/gateway_5xx_before.ts";
import { killedClaimOpen } from "./scenarios/killed_claim_open.ts";
import { killedFinishing } from "./scenarios/killed_finishing.ts";
import { killedOpenPost } from "./scenarios/killed_open_post.ts";
import { killedPostReply } from "./scenarios/killed_post_reply.ts";
import { killedReplyRecord } from "./scenarios/killed_reply_record.ts";
import { lateReports } from "./scenarios/late_reports.ts";
import { oldSnapshot } from "./scenarios/old_snapshot.ts";
import { overload } from "./scenarios/overload.ts";
import { postgresRestarted } from "./scenarios/postgres_restarted.ts";
import { providerDrops } from "./scenarios/provider_drops.ts";
import { providerHangs } from "./scenarios/provider_hangs.ts";
import { random } from "./scenarios/random.ts";
import { readersActive } from "./scenarios/readers_active.ts";
import { rowHeld } from "./scenarios/row_held.ts";
import { twoSchedulers } from "./scenarios/two_schedulers.ts";
import { webhooksDuplicated } from "./scenarios/webhooks_duplicated.ts";
import { workerKilled } from "./scenarios/worker_killed.ts";
import { workerKilledRepeatedly } from "./scenarios/worker_killed_repeatedly.ts";
import type { Scenario } from "./scenario.ts";

/** All that is played, in the order in which it is shown. */
export const scenarios: readonly Scenario[] = [
  workerKilled,
  workerKilledRepeatedly,
  postgresRestarted,
  backendsKilled,
  connectionsExhausted,
  oldSnapshot,
  readersActive,
  overload,
  dueInOneMinute,
  rowHeld,
  killedClaimOpen,
  killedOpenPost,
  killedPostReply,
  killedReplyRecord,
  killedFinishing,
  gateway5xxBefore,
  gateway5xxAfter,
  providerDrops,
  providerHangs,
  webhooksDuplicated,
  lateReports,
  clockJumps,
  twoSchedulers,
  random,
];
