import type { CallRecord } from "../calls/call_record.ts";
import { defaultWebhookManner } from "./default_webhook_manner.ts";
import { drawFromSpan } from "../span.ts";
import { Latest } from "../latest.ts";
import type { OmniSettings } from "../omni_settings.ts";
import { postWebhook } from "./post_webhook.ts";
import { Slots } from "./slots.ts";
import { targetOf } from "./target_of.ts";
import type { WakeUps } from "../wake_ups.ts";
import type { WebhookDelivery } from "./webhook_delivery.ts";
import { webhookPayload } from "./webhook_payload.ts";

const deliveriesKept = 10_000;
const minuteMs = 60_000;

// Each takes a socket of ours and one of the receiver, who often is in the same process.
const mostAtOnce = 200;

interface WebhooksOptions {
  readonly settings: () => OmniSettings;
  readonly agentId: number;
  /** Not the one that calls are drawn with: when calls end must not change how others end. */
  readonly random: () => number;
  readonly wakeUps: WakeUps;
}

interface Message {
  readonly callId: number;
  readonly url: string;
  readonly payload: string;
  /** How often it is sent again when nobody takes it. */
  readonly retries: number;
}

/** The post-call webhooks: sent when a call has ended, and kept in a record. */
export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #slots = new Slots(mostAtOnce);
  readonly #stopping = new AbortController();
  readonly #deliveries = new Latest<WebhookDelivery>(deliveriesKept);

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  /** What has been sent and met its end, oldest first; the latest 10,000 at most. */
  deliveries(): readonly WebhookDelivery[] {
    return this.#deliveries.list();
  }

  /** Resolves when no webhook is on its way or waits to be sent. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Sends what is to be sent about a call that has just ended. */
  callEnded(call: CallRecord): void {
    const { settings, agentId, random } = this.#options;
    const { agentWebhook, webhooks, timeFactor, logTimeZone } = settings();
    const url = targetOf(call, agentWebhook);
    if (url === null) return;
    const chosen = typeof webhooks === "function" ? webhooks(call) : webhooks;
    const manner = { ...defaultWebhookManner, ...chosen };
    const payload = webhookPayload(call, manner, { agentId, timeZone: logTimeZone });
    const message = { callId: call.callId, url, payload, retries: manner.retries };
    for (let copy = 0; copy < manner.copies; copy++) {
      const delayMs = drawFromSpan(manner.delayMs, random) / timeFactor;
      this.#track(this.#deliver(message, delayMs));
    }
  }

  /** Cuts off what is on its way and sends nothing any more; ends when the wake-ups are stopped. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("The simulator was stopped"));
    await this.settled();
  }

  async #deliver(message: Message, delayMs: number): Promise<void> {
    const { settings, wakeUps } = this.#options;
    let atMs = performance.now() + delayMs;
    for (let tries = 0; tries <= message.retries; tries++) {
      await wakeUps.until(atMs);
      if (await this.#slots.during(() => this.#send(message))) return;
      atMs = performance.now() + minuteMs / settings().timeFactor;
    }
  }

  /** Whether it need not be sent again. */
  async #send({ callId, url, payload }: Message): Promise<boolean> {
    const { signal } = this.#stopping;
    // Woken by the stop, or its turn came after it.
    if (signal.aborted) return true;
    const atMs = Date.now();
    const receipt = await postWebhook(url, { payload, signal });
    this.#deliveries.add({ callId, url, atMs, ...receipt });
    return receipt.httpStatus !== null && receipt.httpStatus >= 200 && receipt.httpStatus < 300;
  }

  #track(delivering: Promise<void>): void {
    this.#underWay.add(delivering);
    delivering.finally(() => this.#underWay.delete(delivering));
  }
}
