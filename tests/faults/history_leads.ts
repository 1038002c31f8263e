import assert from "node:assert/strict";
import type { Ring } from "../../supabase/local/simulated_omni/ledger/ring.ts";
import { leadIdOf } from "../support/lead_id_of.ts";

/** A lead of a history. */
interface HistoryLead {
  id: string;
  /** The number that its phone now says, E.164; always valid. */
  number: string;
  isOpen: boolean;
  /** The runs since, in which the provider could not be reached. */
  awayRuns: number;
}

/** What a history knows, without asking the tables, of why a lead may be left uncalled. */
export interface Excuses {
  /** Numbers, and leads, of calls of which nobody can know whether they were placed. */
  doubtfulNumbers: ReadonlySet<string>;
  doubtfulLeads: ReadonlySet<string>;
  /** Leads whose call the provider has refused. */
  refusedLeads: ReadonlySet<string>;
}

// The default of dispatch_settings.max_attempts.
const MOST_ATTEMPTS = 6;

/** The leads of a history, as the history itself has made and changed them: it asks no table. */
export class HistoryLeads {
  readonly #leads: HistoryLead[] = [];

  /** A new lead, which is to be called. */
  add(id: string, number: string): void {
    this.#leads.push({ id, number, isOpen: true, awayRuns: 0 });
  }

  /** The id of the one at that place, counted round. */
  at(place: number): string {
    return this.#leads[place % this.#leads.length]!.id;
  }

  /** Its phone now says another number. */
  changeNumber(id: string, number: string): void {
    this.#find(id).number = number;
  }

  /** From now on it must not be called. */
  close(id: string): void {
    this.#find(id).isOpen = false;
  }

  /** A run could reach no provider: whom it tried to call has an attempt less. */
  noteAwayRun(): void {
    for (const lead of this.#leads) lead.awayRuns += 1;
  }

  /** Each of these phones rang just now: for an open lead, at its own number. */
  assertMayBeRung(fresh: readonly Ring[]): void {
    for (const ring of fresh) {
      const lead = this.#find(leadIdOf(ring));
      assert.equal(ring.toNumber, lead.number, "rung at a number that is not the lead's");
      assert.ok(lead.isOpen, "rung though its lead is closed");
    }
  }

  /** The open leads that were never rung, and have no excuse. */
  uncalled(rings: readonly Ring[], excuses: Excuses): string[] {
    const rung = new Set(rings.map(leadIdOf));
    return this.#leads
      .filter(({ id, number, isOpen, awayRuns }) =>
        isOpen && !rung.has(id) && awayRuns < MOST_ATTEMPTS &&
        !excuses.doubtfulNumbers.has(number) && !excuses.doubtfulLeads.has(id) &&
        !excuses.refusedLeads.has(id)
      )
      .map(({ id }) => id);
  }

  #find(id: string): HistoryLead {
    const lead = this.#leads.find((each) => each.id === id);
    assert.ok(lead, "a phone rang for a lead that is none of this history's");
    return lead;
  }
}
