/** A lead of a history, and how often it must be rung in all. */
export interface LeadToCall {
  id: string;
  /** E.164. */
  number: string;
  /** One, and one more for each recall that its calls give reason for. */
  reasons: number;
}
