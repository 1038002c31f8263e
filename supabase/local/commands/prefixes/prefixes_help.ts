/** What `prefixes --help` prints. */
export const PREFIXES_HELP =
  `Writes supabase/migrations/20261122110000_number_prefixes.sql: the country and the time zones of
phone numbers by their first digits, from libraries of one pinned version each.

Usage: deno task prefixes [options]

  --check   write nothing; end with 1 when the file is not what the libraries make
  --help

A project that has the migration keeps its table: after a new version of a library, rename what this
writes to a new migration that empties the table and fills it again.`;
