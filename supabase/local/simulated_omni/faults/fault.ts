import type { Ending } from "../http/ending.ts";
import type { Span } from "../span.ts";

/** Something that goes wrong with one request. */
export type Fault = PlacedFault | UnplacedFault;

interface AnyFault {
  /** Stands in the record of requests and beside the ring in the ledger. */
  readonly name: string;
  /** When the exchange ends, in ms from the receipt of the request; absent: the usual latency. */
  readonly afterMs?: Span;
}

/** The person's phone rings, whatever the client is then told. */
interface PlacedFault extends AnyFault {
  readonly placed: true;
  /** When the phone rings, in ms from the receipt; absent: at once, before any waiting. */
  readonly placeAfterMs?: Span;
  /** Absent: the usual reply of success. */
  readonly ending?: (requestId: number) => Ending;
}

/** Nobody's phone rings. */
interface UnplacedFault extends AnyFault {
  readonly placed: false;
  /** Gets an id that belongs to no call. */
  readonly ending: (requestId: number) => Ending;
}
