import { z } from "zod";
import type { Check } from "../check.ts";
import { isOwnRefusal } from "../is_own_refusal.ts";
import { verdict } from "../verdict.ts";

/** What pg_net noted of a run that the database asked for. */
interface Reply {
  status_code: number | null;
  content: string | null;
  error_msg: string | null;
  has_failed: boolean;
  /** What the alarm says of such a reply. */
  words: string;
}

/** Newest first. */
type Facts = Reply[];

const LAST = 20;
const refusal = z.looseObject({
  error: z.string().optional(),
  faults: z.array(z.string()).default([]),
});

/** What the function answered to the runs of the schedule, within the six hours that pg_net keeps. */
export const repliesCheck: Check<Facts, "database"> = {
  name: "replies",
  needs: ["database"],
  async read({ database: sql }) {
    return [
      ...await sql<Reply[]>`
        select response.status_code, response.content, response.error_msg, reply.has_failed,
          public.words_of_refused_run(
            response.status_code, reply.has_failed, run.net_request_id
          ) as words
        from public.dispatch_runs as run
        cross join lateral public.net_reply(run.net_request_id, run.started_at) as reply
        join net._http_response as response
          on response.id = run.net_request_id
          and response.created >= run.started_at - interval '1 minute'
        where run.started_at > now() - interval '6 hours'
        order by run.started_at desc
        limit ${LAST}`,
    ];
  },
  judge(replies) {
    const [newest] = replies;
    if (newest === undefined) {
      return [verdict.notChecked("pg_net has noted no reply to a run within the last six hours")];
    }
    if (newest.has_failed) return [verdict.fault(describe(newest))];
    const failed = replies.filter((reply) => reply.has_failed);
    const [last] = failed;
    if (last === undefined) {
      return [verdict.ok(`The last ${replies.length} runs that were asked for were taken up`)];
    }
    return [verdict.warning(
      `${failed.length} of the last ${replies.length} runs were refused, but not the last one. ` +
        describe(last),
    )];
  },
};

function describe({ status_code, content, error_msg, words }: Reply): string {
  if (status_code === null) return `${words}${error_msg === null ? "" : `. pg_net: ${error_msg}`}`;
  if (status_code === 401 && !isOwnRefusal(content)) {
    return "The runs are refused before they reach the function (status 401): deploy it with this " +
      "project's config.toml, in which verify_jwt is false";
  }
  if (status_code < 500) return words;
  const said = refusal.safeParse(readJson(content));
  const details = said.success ? [said.data.error, ...said.data.faults].filter(Boolean) : [];
  return [words, ...details].join(": ");
}

function readJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
