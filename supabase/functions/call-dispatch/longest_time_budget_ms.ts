/** The most that DISPATCH_TIME_BUDGET_MS may be: no run claims and sends for longer, in ms. */
export const LONGEST_TIME_BUDGET_MS = 300_000;
