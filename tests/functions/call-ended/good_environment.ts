/** Signs the addresses of calls. */
export const SIGNING_SECRET = "signing-0123456789abcdef0123456789abcdef";
/** Lies in the agent's own webhook. */
export const AGENT_SECRET = "agent-0123456789abcdef0123456789abcdef";

/** What the function needs, and both secrets. */
export const GOOD_ENVIRONMENT: Readonly<Record<string, string>> = {
  CALL_ENDED_SECRET: SIGNING_SECRET,
  CALL_ENDED_AGENT_SECRET: AGENT_SECRET,
  SUPABASE_URL: "https://project.example",
  SUPABASE_SERVICE_ROLE_KEY: "service-key",
};
