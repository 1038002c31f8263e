import { z } from "zod";
import { DISPATCH_CONTRACT } from "../../../../functions/call-dispatch/dispatch_contract.ts";
import { invokeFunction, type InvokeReply } from "../../invoke/invoke_function.ts";
import type { Check } from "../check.ts";
import { knock, type KnockReply } from "../knock.ts";
import { type Verdict, verdict } from "../verdict.ts";

/** What call-dispatch answers. */
interface Facts {
  /** To a dry run, with what lets us in. */
  reply: InvokeReply;
  /** To the same without anything. */
  stranger: KnockReply;
  /** Number of the database's contract; null = not known. */
  databaseContract: number | null;
}

const DEPLOY = "supabase functions deploy call-dispatch";
const preview = z.looseObject({ dry_run: z.literal(true), contract: z.int().optional() });
const refusal = z.looseObject({
  error: z.string().default("no reason given"),
  faults: z.array(z.string()).default([]),
});

/** The deployed function call-dispatch: reachable, closed, configured, and of the right version. */
export const functionCheck: Check<Facts, "project"> = {
  name: "call-dispatch",
  needs: ["project"],
  async read({ project, database: sql }) {
    const options = { dryRun: true, at: null, respondAsync: false };
    // At the same time: where nobody answers, they are waited for once.
    const [reply, stranger] = await Promise.all([
      invokeFunction(project, options),
      // Asked about a dry run, so that nobody is called should the door stand open.
      knock(`${project.url}/functions/v1/call-dispatch?dry_run=1`),
    ]);
    return { reply, stranger, databaseContract: sql ? await contractOf(sql) : null };
  },
  judge({ reply, stranger, databaseContract }) {
    const open = stranger.httpStatus === 200
      ? [verdict.fault(
        `The function lets anybody in, and anybody may start runs: set CRON_JOB_SECRET, then ${DEPLOY}`,
      )]
      : [];
    return [...open, ...judgeReply(reply, stranger, databaseContract)];
  },
};

async function contractOf(sql: NonNullable<Parameters<typeof functionCheck.read>[0]["database"]>) {
  const [there] = await sql<{ is_there: boolean }[]>`
    select to_regproc('public.dispatch_contract') is not null as is_there`;
  if (!there?.is_there) return null;
  const [row] = await sql<{ contract: number }[]>`select public.dispatch_contract() as contract`;
  return row?.contract ?? null;
}

function judgeReply(
  { httpStatus, body }: InvokeReply,
  stranger: KnockReply,
  databaseContract: number | null,
): Verdict[] {
  const previewed = preview.safeParse(body);
  if (httpStatus === 200 && previewed.success) {
    return judgeContract(previewed.data.contract ?? null, databaseContract);
  }
  if (httpStatus === 404) return [verdict.fault(`The function is not deployed: ${DEPLOY}`)];
  if (httpStatus === 401) return [verdict.fault(describeLockedOut(stranger))];
  const said = refusal.safeParse(body);
  const { error, faults } = said.success ? said.data : { error: "not understood", faults: [] };
  if (httpStatus === 0) return [verdict.fault(error)];
  if (faults.length === 0) {
    return [verdict.fault(`The function answers with HTTP ${httpStatus}: ${error}`)];
  }
  return faults.map((fault) =>
    verdict.fault(`The deployed function says: ${fault}. Set it by supabase secrets set`)
  );
}

function describeLockedOut({ isOwnRefusal }: KnockReply): string {
  if (isOwnRefusal) {
    return "The function does not let us in (HTTP 401): its CRON_JOB_SECRET is not the one that is set here";
  }
  return "The platform's gateway refuses before the function is asked (HTTP 401): deploy it with this " +
    "project's config.toml, in which verify_jwt is false";
}

function judgeContract(deployed: number | null, database: number | null): Verdict[] {
  const wanted = database ?? DISPATCH_CONTRACT;
  const whose = database === null ? "this checkout" : "the database";
  if (deployed === wanted) {
    return [
      verdict.ok(
        `The function answers, lets no stranger in, and fits ${whose} (contract ${wanted})`,
      ),
    ];
  }
  const numbers = `contract ${deployed ?? "none"}, ${whose} has ${wanted}`;
  if (deployed === null || deployed < wanted) {
    return [verdict.fault(`The deployed function is out of date (${numbers}): ${DEPLOY}`)];
  }
  const remedy = database === null ? "git pull" : "supabase db push";
  return [verdict.fault(`The deployed function is newer than ${whose} (${numbers}): ${remedy}`)];
}
