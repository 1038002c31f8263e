/** The body of a dispatch, checked. */
export interface DispatchBody extends Readonly<Record<string, unknown>> {
  readonly agent_id: number;
  readonly from_number_id: number;
  readonly to_number: string;
  readonly call_context?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
