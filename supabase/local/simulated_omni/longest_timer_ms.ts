/** A timer that is set for longer than this, 24.8 days in real ms, fires at once. */
export const longestTimerMs = 2 ** 31 - 1;
