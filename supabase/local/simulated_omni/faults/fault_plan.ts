import type { Fault } from "./fault.ts";
import { seededRandom } from "../seeded_random.ts";

/** What a plan may look at to decide whether a request meets a fault. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  /** As sent, unchecked; null when the request names none. */
  readonly toNumber: string | null;
  /** The body parsed as JSON, or undefined when it is none. */
  readonly body: unknown;
}

interface Rule {
  readonly applies: (subject: FaultSubject) => boolean;
  readonly fault: Fault;
  left: number;
}

/**
 * Which requests meet which fault. One fault at most meets a request: the next of the script, else
 * the first rule that applies in the order of their making, else the standing one.
 */
export class FaultPlan {
  #script: (Fault | null)[] = [];
  #rules: Rule[] = [];
  #standing: Fault | null = null;

  /** How many steps of the script no request has met yet. */
  get scripted(): number {
    return this.#script.length;
  }

  /** Scripts the next requests in the order of their receipt; null lets one through unharmed. */
  next(...faults: (Fault | null)[]): void {
    this.#script.push(...faults);
  }

  /** Meets the next `times` requests for one number, spelled as it is sent; default all. */
  forNumber(toNumber: string, fault: Fault, times = Infinity): void {
    this.when((subject) => subject.toNumber === toNumber, fault, times);
  }

  /** Meets the next `times` requests for which `applies` says yes; default all. */
  when(applies: (subject: FaultSubject) => boolean, fault: Fault, times = Infinity): void {
    this.#rules.push({ applies, fault, left: times });
  }

  /** Meets this share of requests, from 0 to 1: the same ones for the same seed. */
  atRate(share: number, fault: Fault, options: { readonly seed: number }): void {
    const random = seededRandom(options.seed);
    this.when(() => random() < share, fault);
  }

  /** Meets every request that nothing else meets, until changed; null ends it. */
  always(fault: Fault | null): void {
    this.#standing = fault;
  }

  /** Forgets script, rules and standing fault. */
  clear(): void {
    this.#script = [];
    this.#rules = [];
    this.#standing = null;
  }

  /** The fault that meets this request, used up by being asked for. */
  pick(subject: FaultSubject): Fault | null {
    const scripted = this.#script.shift();
    if (scripted !== undefined) return scripted;
    const rule = this.#rules.find((rule) => rule.left > 0 && rule.applies(subject));
    if (!rule) return this.#standing;
    rule.left -= 1;
    return rule.fault;
  }
}
