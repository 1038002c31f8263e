/** What the function is started with in a random history. */
export const HISTORY_ENVIRONMENT = {
  // A request that hangs is waited for, and longer than a busy machine holds up a healthy reply.
  OMNI_TIMEOUT_MS: "1500",
};
