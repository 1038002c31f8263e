/** The parsed body of a webhook; the tests send only such as have these keys. */
export interface WebhookBody extends Readonly<Record<string, unknown>> {
  readonly call_id: number;
  readonly to_number: string;
  readonly call_status: string;
  readonly call_report: Readonly<Record<string, unknown>>;
}
