/** In place of what the platform sets by itself, where variables are read and no project is asked. */
export const PLATFORM_VARIABLES = {
  SUPABASE_URL: "http://127.0.0.1",
  SUPABASE_SERVICE_ROLE_KEY: "none-yet",
} as const;
