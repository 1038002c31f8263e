/** Where a webhook goes, and for which ends of a call. */
export interface WebhookTarget {
  readonly url: string;
  readonly triggerCallStatuses: readonly string[];
}
