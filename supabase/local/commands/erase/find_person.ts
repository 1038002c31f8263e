import { readPhoneNumber } from "../../../functions/call-dispatch/phone_number.ts";
import type { Sql } from "../../postgres/connect.ts";
import { isLeadId } from "../operator/is_lead_id.ts";
import { UsageError } from "../usage_error.ts";
import { findLeads, type FoundLead } from "../why/find_leads.ts";
import { readSettings } from "../why/read_settings.ts";

/** Who is meant. */
export interface Person {
  /** E.164; null = no number can be read for the lead. */
  number: string | null;
  leadIds: string[];
  /** Leads whose number cannot be read, and ends like this one: not meant unless they are named. */
  alike: FoundLead[];
}

/**
 * The person with this lead's id or this number. A number is read by the library, also one that is
 * written without its country; nothing is deleted for digits that are only alike.
 *
 * @throws {UsageError} for a number that cannot be read.
 */
export async function findPerson(sql: Sql, subject: string): Promise<Person> {
  const { default_country } = await readSettings(sql);
  const named = isLeadId(subject) ? await findLeads(sql, subject, default_country) : [];
  const written = isLeadId(subject) ? named[0]?.phone ?? "" : subject;
  const read = readPhoneNumber(written, default_country);
  const number = "e164" in read ? read.e164 : null;
  if ("reason" in read && !isLeadId(subject)) {
    throw new UsageError(`Cannot erase by this number: ${read.reason}`);
  }
  const found = number === null ? [] : await findLeads(sql, number, default_country);
  const isTheirs = ({ phone }: FoundLead) => {
    const other = readPhoneNumber(phone ?? "", default_country);
    return "e164" in other && other.e164 === number;
  };
  const theirs = found.filter(isTheirs).map(({ id }) => id);
  return {
    number,
    leadIds: isLeadId(subject) ? [...new Set([subject.toLowerCase(), ...theirs])] : theirs,
    alike: found.filter((lead) => !isTheirs(lead)),
  };
}
