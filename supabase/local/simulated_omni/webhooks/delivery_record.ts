import type { WebhookDelivery } from "./webhook_delivery.ts";

/** The webhooks that were sent, up to a number of them. */
export class DeliveryRecord {
  readonly #keep: number;
  #kept: WebhookDelivery[] = [];

  /** Keeps the latest `keep` deliveries. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** The latest deliveries, oldest first. */
  list(): readonly WebhookDelivery[] {
    return this.#kept.slice(-this.#keep);
  }

  /** Adds one that has met its end. */
  add(delivery: WebhookDelivery): void {
    this.#kept.push(delivery);
    // Cut rarely and by half: cutting at each one would move the whole list every time.
    if (this.#kept.length > 2 * this.#keep) this.#kept = this.#kept.slice(-this.#keep);
  }
}
