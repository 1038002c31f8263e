import { z } from "zod";
import { omniPlace } from "./omni_place.ts";

/** What is measured beside ours. */
export const PEER_NAMES = [
  "call-dispatch",
  "graphile-worker",
  "pg-boss",
  "one-by-one loop",
  "bare client",
] as const;

export type PeerName = (typeof PEER_NAMES)[number];

const jobs = { firstNumber: z.int(), count: z.int() };

/** One line to a peer's process. */
export const peerCommand = z.discriminatedUnion("do", [
  z.object({ do: z.literal("fill"), ...jobs, due: z.enum(["now", "in_years"]) }),
  /** Each job is a call, or, with no provider, nothing at all. */
  z.object({
    do: z.literal("work_off"),
    count: z.int(),
    concurrency: z.int(),
    provider: omniPlace.nullable(),
  }),
  z.object({ do: z.literal("one_by_one"), count: z.int() }),
]);

export type PeerCommand = z.infer<typeof peerCommand>;

/** One line from it: that it is there, or that a command is done. */
export const peerReply = z.object({
  /** How long it took, in ms. */
  wallMs: z.number(),
  /** How long each claim took, in ms; none where they were not measured. */
  claimsMs: z.array(z.number()),
});

export type PeerReply = z.infer<typeof peerReply>;
