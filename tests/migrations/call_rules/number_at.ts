import { type KnownNumber, NUMBERS } from "./rules_case.ts";

/** The number in this place of the list. */
export function numberAt(place: number): KnownNumber {
  return NUMBERS[place]!;
}
