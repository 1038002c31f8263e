/** What `types --help` prints. */
export const TYPES_HELP =
  `Writes supabase/functions/_shared/database.types.ts: the types of the database that the
migrations make, by the Supabase CLI's "gen types" from a throw-away local database.

Usage: deno task types [options]

  --check   write nothing; end with 1 when the file is not what the migrations make
  --help`;
