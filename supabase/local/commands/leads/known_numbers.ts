import { readPhoneNumber } from "../../../functions/call-dispatch/phone_number.ts";
import type { Sql } from "../../postgres/connect.ts";

const E164 = /^\+[1-9]\d{7,14}$/;

/** The numbers, E.164, of all leads in the database, however they are spelled there. */
export async function knownNumbers(sql: Sql, country: string | null): Promise<Set<string>> {
  const leads = await sql<{ phone: string }[]>`
    select distinct phone from public.leads where phone is not null`;
  return new Set(leads.flatMap(({ phone }) => {
    // Most were loaded by us and need no reading, which takes its time at a hundred thousand.
    if (E164.test(phone)) return [phone];
    const number = readPhoneNumber(phone, country);
    return "e164" in number ? [number.e164] : [];
  }));
}
