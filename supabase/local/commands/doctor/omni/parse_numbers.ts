import { z } from "zod";
import { judgeRefusal } from "./judge_refusal.ts";
import type { Untold } from "./omni_account.ts";
import type { OmniReply } from "./omni_get.ts";

const page = z.looseObject({
  phone_numbers: z.array(z.looseObject({ id: z.coerce.number() })),
});

/** Judges one page of the account's phone numbers. */
export function parseNumbers(reply: OmniReply): { kind: "numbers"; ids: number[] } | Untold {
  const refusal = judgeRefusal(reply);
  if (refusal !== null) return refusal;
  const parsed = page.safeParse("json" in reply ? reply.json : undefined);
  if (!parsed.success) return { kind: "untold", why: "Omni's reply is not understood" };
  return { kind: "numbers", ids: parsed.data.phone_numbers.map(({ id }) => id) };
}
