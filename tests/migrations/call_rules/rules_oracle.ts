import { HoursOracle } from "./hours_oracle.ts";
import { numberAt } from "./number_at.ts";
import type { RulesCase } from "./rules_case.ts";
import { wallClock } from "./wall_clock.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** A call that was begun. */
export interface MadeCall {
  /** A place in NUMBERS. */
  number: number;
  /** A place in the case's leads; null = of none of them. */
  lead: number | null;
  at: number;
  /** Null = it is not over. */
  endedAt: number | null;
}

/** A follow-up that is asked about. */
export interface Wish {
  lead: number;
  source: string;
  /** When it was first due, in ms. */
  due: number;
}

/** Reasons that do not pass: who is refused for one of them is given up. */
const FOR_GOOD = ["stop list", "closed", "called meanwhile", "expired", "most calls ever"];

/**
 * All that the README says of who may be called and when, in plain words of its own: it knows the rules,
 * the leads and the calls that were made, and nothing of the database.
 */
export class RulesOracle {
  readonly #hours: HoursOracle;
  readonly #start: number;

  constructor(
    private readonly drawn: RulesCase,
    private readonly zonesOfNumber: ReadonlyMap<string, readonly string[]>,
    private readonly calls: readonly MadeCall[],
  ) {
    this.#hours = new HoursOracle(drawn);
    this.#start = drawn.start.getTime();
  }

  /** Each reason for which this must not be called at this moment; none = it may. */
  refusals(wish: Wish, at: number): string[] {
    return [
      ...this.#refusalsOfLead(wish),
      ...this.#refusalsOfTime(wish, at),
      ...this.#refusalsOfBudget(wish, at),
    ];
  }

  /** True when one of the reasons will not pass. */
  static isForGood(refusals: string[]): boolean {
    return refusals.some((reason) => FOR_GOOD.includes(reason));
  }

  #refusalsOfLead({ lead, source }: Wish): string[] {
    const { number, isClosed } = this.drawn.leads[lead]!;
    const wasCalled = this.calls.some((call) => call.lead === lead && call.endedAt !== null);
    return reasons({
      "closed": isClosed,
      "stop list": this.drawn.stops.some((entry) =>
        this.#isStoppedBy(entry.number, entry.by, number)
      ),
      "called meanwhile": source === "seed" && wasCalled,
    });
  }

  #isStoppedBy(stopped: number, by: string, number: number): boolean {
    if (by !== "prefix") return stopped === number;
    return numberAt(number).number.startsWith(numberAt(stopped).number.slice(0, -6));
  }

  #refusalsOfTime({ lead, source, due }: Wish, at: number): string[] {
    const { expireAfter } = this.drawn.limits;
    const { number, zone } = this.drawn.leads[lead]!;
    const zones = this.zonesOf(lead);
    const isPaused = this.drawn.pauses.some(({ of, until }) =>
      (until === null || this.#start + until * MINUTE_MS > at) &&
      ("source" in of ? of.source === source : of.lead === lead)
    );
    return reasons({
      "expired": expireAfter !== null && due + expireAfter * MINUTE_MS < at,
      "all is paused": at < this.#start + this.drawn.pausedFor * MINUTE_MS,
      "paused": isPaused,
      "unknown zone": zones === null && zone !== null,
      "outside the hours": zones !== null && !this.#hours.isOpen(numberAt(number), zones, at),
    });
  }

  #refusalsOfBudget({ lead }: Wish, at: number): string[] {
    const { limits, leads } = this.drawn;
    const { number } = leads[lead]!;
    const made = this.calls.filter((call) => call.number === number && call.at <= at);
    const within24Hours = made.filter((call) => call.at > at - DAY_MS).length;
    const onOneDay = Math.max(
      0,
      ...(this.zonesOf(lead) ?? []).map((zone) => {
        const { day } = wallClock(zone, at);
        return made.filter((call) => wallClock(zone, call.at).day === day).length;
      }),
    );
    return reasons({
      "most calls ever": made.length >= (limits.perNumber ?? Infinity),
      "most calls a day": onOneDay >= (limits.perDay ?? Infinity),
      "most calls in 24 hours": within24Hours >= (limits.per24Hours ?? Infinity),
      "too soon": made.some((call) => call.at + limits.gap * MINUTE_MS > at),
      "in another call": made.some((call) => call.endedAt === null),
    });
  }

  /** Where the person may be; null = the zone that is stated is none. */
  zonesOf(lead: number): readonly string[] | null {
    const { zone, number } = this.drawn.leads[lead]!;
    const stated = zone?.trim() ?? "";
    if (stated !== "") return isPlace(stated) ? [stated] : null;
    const zones = this.zonesOfNumber.get(numberAt(number).number)!;
    return zones.length > 0 ? zones : [this.drawn.limits.defaultZone];
  }
}

function reasons(holding: Record<string, boolean>): string[] {
  return Object.keys(holding).filter((reason) => holding[reason]);
}

function isPlace(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    // Abbreviations are read differently by everybody.
    return zone.includes("/");
  } catch {
    return false;
  }
}
