import type { Reply } from "./reply.ts";

/**
 * How an exchange ends on the wire: a whole reply, a closed connection without one byte, silence
 * until the client leaves, or half a reply and then either of the two.
 */
export type Ending =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "drop" }
  | { readonly kind: "hang" }
  | { readonly kind: "truncate"; readonly reply: Reply }
  | { readonly kind: "stall"; readonly reply: Reply };
