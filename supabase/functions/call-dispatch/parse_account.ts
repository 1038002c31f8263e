import { z } from "zod";

/** What Omni says of the account. Null = not told. */
export interface AccountHeadroom {
  kind: "headroom";
  /** Simultaneous calls that the account may have; 0 is taken for not told. */
  linesLimit: number | null;
  /** Those going on, inbound calls and campaigns included. */
  linesInUse: number | null;
  /** Lines that are free. Not told, too, when it contradicts the other two: nobody must wait for that. */
  linesAvailable: number | null;
  /** Money left, in `currency`. */
  balance: number | null;
  currency: string | null;
}

/** What is worth keeping; `refused`: this key may not read it, and need not ask again soon. */
export type LearntAccount = AccountHeadroom | { kind: "refused"; error: string };

/** `failed`: it could not be learnt now. */
export type AccountReading = LearntAccount | { kind: "failed"; error: string };

const MOST_LINES = 1_000_000;
const HIGHEST_BALANCE = 1_000_000_000;

const lines = z.int().min(0).max(MOST_LINES).nullable().catch(null);
// More calls than lines, after a change of the plan: then none is free.
const freeLines = z.int().min(-MOST_LINES).max(MOST_LINES)
  .transform((count) => Math.max(count, 0)).nullable().catch(null);

const concurrency = z.looseObject({ limit: lines, in_use: lines, available: freeLines });
type Concurrency = z.infer<typeof concurrency>;

const account = z.looseObject({
  concurrency,
  balance: z.looseObject({
    amount: z.number().min(-HIGHEST_BALANCE).max(HIGHEST_BALANCE).nullable().catch(null),
    currency: z.string().regex(/^[A-Za-z]{1,10}$/).nullable().catch(null),
  }).catch({ amount: null, currency: null }),
});

/** Judges the reply to the question for the account's balance; `text` null = it was too long. */
export function parseAccount(httpStatus: number, text: string | null): AccountReading {
  // Without the right to see money, or on an Omni that does not have this page.
  if ([401, 402, 403, 404, 405].includes(httpStatus)) {
    return { kind: "refused", error: `Omni does not show the account: HTTP ${httpStatus}` };
  }
  if (httpStatus !== 200) {
    return { kind: "failed", error: `Cannot read Omni's account: HTTP ${httpStatus}` };
  }
  const parsed = account.safeParse(readJson(text));
  if (!parsed.success) {
    return { kind: "failed", error: "Cannot read Omni's account: the reply is not understood" };
  }
  const { concurrency, balance } = parsed.data;
  return {
    kind: "headroom",
    linesLimit: concurrency.limit || null,
    linesInUse: concurrency.in_use,
    linesAvailable: contradictsItself(concurrency) ? null : concurrency.available,
    balance: balance.amount,
    currency: balance.currency,
  };
}

function contradictsItself({ limit, in_use: inUse, available }: Concurrency): boolean {
  // An account without a line would have no use for this program: it is what is written for "not known".
  if (limit === 0) return true;
  if (available === null || inUse === null) return false;
  // No line is free, and none is in use.
  if (available + inUse === 0) return true;
  if (limit === null) return false;
  return available === 0 ? inUse < limit : available + inUse > limit;
}

function readJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
