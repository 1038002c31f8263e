import type { Sql } from "../../postgres/connect.ts";
import { isLeadId } from "../operator/is_lead_id.ts";
import { FEWEST_DIGITS, isSameNumber } from "./is_same_number.ts";

/** A lead, as far as it is told of. */
export interface FoundLead {
  id: string;
  customer_name: string | null;
  phone: string | null;
  stage: string;
}

/** The leads with this id or, in whatever spelling, this number. */
export async function findLeads(
  sql: Sql,
  subject: string,
  country: string | null,
): Promise<FoundLead[]> {
  if (isLeadId(subject)) {
    return await sql<FoundLead[]>`
      select id, customer_name, phone, stage::text from public.leads where id = ${subject}`;
  }
  const ending = subject.replace(/\D/g, "").slice(-FEWEST_DIGITS);
  // All spellings of a number end alike: only those few leads are read here.
  const alike = await sql<FoundLead[]>`
    select id, customer_name, phone, stage::text
    from public.leads
    where right(regexp_replace(normalize(phone::text, nfkc), '[^0-9]', '', 'g'), ${FEWEST_DIGITS})
      = ${ending}
    order by created_at, id`;
  return alike.filter(({ phone }) => isSameNumber(subject, phone ?? "", country));
}
