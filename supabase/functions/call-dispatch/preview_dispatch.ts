import { maskNumber } from "./mask_number.ts";
import { PAUSED_REFUSAL } from "./paused_refusal.ts";
import { readPhoneNumber } from "./phone_number.ts";
import type { PreviewedFollowUp, Store } from "./store.ts";

/** One line of the dry run's reply. */
export interface PreviewLine {
  /** Null for a follow-up that the run would make first. */
  follow_up_id: string | null;
  lead_id: string;
  due_at: string;
  /** The number as far as it may be shown. */
  phone: string;
  /** Why it would not be called; absent where it would. */
  reason?: string;
  /** Nothing but the pause of the whole engine keeps it from being called; else absent. */
  only_paused?: true;
}

/** What a run would do. */
export interface DispatchPreview {
  ok: true;
  dry_run: true;
  /** Number of the contract between this code and the database. */
  contract: number;
  /** The moment that was asked about, ISO 8601; absent = now. */
  at?: string;
  would_call: PreviewLine[];
  would_not_call: PreviewLine[];
}

const MOST_LINES = 500;

/**
 * The dry run: who would be called now, or at another moment, and who not and why, at most 500. At
 * another moment everything else is as it is now, the calls that are going on included. Changes nothing.
 *
 * @throws {RunRefused} as a run would.
 */
export async function previewDispatch(
  store: Pick<Store, "checkContract" | "previewDispatch" | "numbersInLiveCalls">,
  at?: Date,
): Promise<DispatchPreview> {
  const contract = await store.checkContract();
  const rows = (await store.previewDispatch(MOST_LINES, at)).map((row) => ({
    row,
    number: readPhoneNumber(row.phone, row.defaultCountry),
  }));
  const numbers = rows.flatMap(({ number }) => "e164" in number ? [number.e164] : []);
  const busy = await store.numbersInLiveCalls(numbers);
  const preview: DispatchPreview = {
    ok: true,
    dry_run: true,
    contract,
    ...(at && { at: at.toISOString() }),
    would_call: [],
    would_not_call: [],
  };
  for (const { row, number } of rows) {
    const isPaused = row.refusal === PAUSED_REFUSAL;
    const reason = (isPaused ? null : row.refusal) ??
      ("reason" in number ? number.reason : reasonOfBusy(number.e164, busy));
    if (reason === null && "e164" in number) busy.add(number.e164);
    if (reason !== null) preview.would_not_call.push({ ...toLine(row), reason });
    else if (!isPaused) preview.would_call.push(toLine(row));
    else {
      preview.would_not_call.push({ ...toLine(row), reason: PAUSED_REFUSAL, only_paused: true });
    }
  }
  return preview;
}

function reasonOfBusy(number: string, busy: Set<string>): string | null {
  return busy.has(number) ? "Number is in another live call" : null;
}

function toLine(row: PreviewedFollowUp): PreviewLine {
  return {
    follow_up_id: row.followUpId,
    lead_id: row.leadId,
    due_at: row.dueAt,
    phone: maskNumber(row.phone),
  };
}
