import { z } from "zod";

/** Where the provider is, and the account there. */
export const omniPlace = z.object({
  url: z.string(),
  apiKey: z.string(),
  agentId: z.int(),
  fromNumberId: z.int(),
});

/** The same, read. */
export type OmniPlace = z.infer<typeof omniPlace>;
