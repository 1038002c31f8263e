/** A number that leads may have, and where it is. */
export interface KnownNumber {
  /** E.164. */
  number: string;
  /** Two letters; null = none is known. */
  country: string | null;
}

/** Fixed lines, mobiles that may be anywhere in their country, one without charge and one at sea. */
export const NUMBERS: readonly KnownNumber[] = [
  { number: "+14155550123", country: "US" },
  { number: "+13055550123", country: "US" },
  { number: "+18005550100", country: "US" },
  { number: "+442071838750", country: "GB" },
  { number: "+447400123456", country: "GB" },
  { number: "+919812345678", country: "IN" },
  { number: "+9779841234567", country: "NP" },
  { number: "+61412345678", country: "AU" },
  { number: "+870773111632", country: null },
];

/** One row of calling_hours. */
export interface HoursRule {
  region: string;
  /** 1 = Monday … 7 = Sunday. */
  weekdays: number[];
  /** Minutes after midnight. */
  opens: number;
  /** Minutes after midnight; not after `opens` = on the next day. */
  closes: number;
  /** Days after the first day of the case; null = always. */
  from: number | null;
  until: number | null;
}

/** One row of calling_holidays; the day is counted from the first day of the case. */
export interface Holiday {
  region: string;
  day: number;
}

/** Somebody on the stop list: a place in NUMBERS, and how the entry names it. */
export interface StopEntry {
  number: number;
  by: "number" | "prefix" | "hash";
}

/** One row of call_pauses; the lead is a place in `leads`, the end in minutes after the beginning. */
export interface Pause {
  of: { source: string } | { lead: number };
  until: number | null;
}

/** The limits in dispatch_settings; times in minutes, null = no limit. */
export interface Limits {
  perNumber: number | null;
  perDay: number | null;
  per24Hours: number | null;
  gap: number;
  expireAfter: number | null;
  jitter: number;
  busyDelay: number;
  defaultZone: string;
}

/** A lead and what it is to be called for. */
export interface RulesLead {
  /** A place in NUMBERS. */
  number: number;
  spelling: number;
  /** As it stands on the lead; null = not stated. */
  zone: string | null;
  isClosed: boolean;
  /** When each of its follow-ups is due, in minutes after the beginning, and who made it; none = to be seeded. */
  followUps: { due: number; source: "manual" | "recall" }[];
}

/** All that is drawn at random. */
export interface RulesCase {
  /** The first moment, UTC. */
  start: Date;
  hours: HoursRule[];
  holidays: Holiday[];
  stops: StopEntry[];
  pauses: Pause[];
  /** Everything is paused for so many minutes from the beginning. */
  pausedFor: number;
  limits: Limits;
  leads: RulesLead[];
  /** Calls that were over before it began: a place in NUMBERS, and minutes before. */
  earlierCalls: { number: number; ago: number }[];
  /** How each call ends, in turn, and after how many minutes. */
  endings: { outcome: string; after: number }[];
}
