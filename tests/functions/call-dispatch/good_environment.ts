/** What the function needs and nothing more. */
export const GOOD_ENVIRONMENT: Readonly<Record<string, string>> = {
  CRON_JOB_SECRET: "cron-secret",
  OMNI_BASE_URL: "https://omni.example",
  OMNI_API_KEY: "omni-key",
  OMNI_AGENT_ID: "4711",
  OMNI_FROM_NUMBER_ID: "42",
  SUPABASE_URL: "https://project.example",
  SUPABASE_SERVICE_ROLE_KEY: "service-key",
};
