import { DFA, JS, NFA } from "refa";

/** One state of an automaton that reads digits; null = whatever follows, it does not match. */
export type DigitsState = DFA.ReadonlyNode | null;

/** Tells for the first digits of a number whether the rest can still match a pattern. */
export interface DigitsAutomaton {
  readonly initial: DigitsState;
  /** The digits read so far match as they are. */
  matches(state: DigitsState): boolean;
  next(state: DigitsState, digit: string): DigitsState;
}

/** The automaton of a regular expression that has to match the whole number. */
export function digitsAutomaton(pattern: string): DigitsAutomaton {
  const { expression, maxCharacter } = JS.Parser.fromLiteral({ source: pattern, flags: "" })
    .parse();
  const automaton = DFA.fromFA(NFA.fromRegex(expression, { maxCharacter }));
  automaton.minimize();
  return {
    initial: automaton.initial,
    matches: (state) => state !== null && automaton.finals.has(state as DFA.Node),
    next: (state, digit) => state?.out.get(digit.charCodeAt(0)) ?? null,
  };
}
