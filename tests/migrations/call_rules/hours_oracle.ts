import type { HoursRule, KnownNumber, RulesCase } from "./rules_case.ts";
import { wallClock, weekday } from "./wall_clock.ts";

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

/**
 * The calling hours, once more, after what the README says and by the runtime's own calendar: in all
 * zones, by the closest of the rules that hold on the day on which a window begins, and on no holiday.
 */
export class HoursOracle {
  readonly #firstDay: number;

  constructor(private readonly drawn: Pick<RulesCase, "start" | "hours" | "holidays">) {
    this.#firstDay = Math.floor(drawn.start.getTime() / DAY_MS);
  }

  /** True when somebody at this number may be called in each of the zones. */
  isOpen(number: KnownNumber, zones: readonly string[], at: number): boolean {
    const rules = this.drawn.hours.filter(({ region }) => fits(region, number));
    const holidays = new Set(
      this.drawn.holidays.filter(({ region }) => fits(region, number))
        .map(({ day }) => this.#firstDay + day),
    );
    return zones.every((zone) => {
      const { day, minute } = wallClock(zone, at);
      if (holidays.has(day)) return false;
      if (rules.length === 0) return true;
      return this.#isWithin(rules, day, minute) ||
        this.#isWithin(rules, day - 1, minute + DAY_MINUTES);
    });
  }

  /** True when it lies, so many minutes after this day's midnight, in a window that begins on the day. */
  #isWithin(rules: HoursRule[], day: number, minute: number): boolean {
    const holding = rules.filter(({ from, until }) =>
      (from === null || day >= this.#firstDay + from) &&
      (until === null || day <= this.#firstDay + until)
    );
    const closest = Math.max(...holding.map(({ region }) => closeness(region)));
    return holding.some(({ region, weekdays, opens, closes }) =>
      closeness(region) === closest && weekdays.includes(weekday(day)) && minute >= opens &&
      minute < (closes <= opens ? closes + DAY_MINUTES : closes)
    );
  }
}

function fits(region: string, { number, country }: KnownNumber): boolean {
  return region === "everywhere" || region === country ||
    region.startsWith("+") && number.startsWith(region);
}

function closeness(region: string): number {
  if (region === "everywhere") return 0;
  return region.startsWith("+") ? 1 + region.length : 1;
}
