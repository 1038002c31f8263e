import type { AppTable } from "./app_tables.ts";
import type { Refusal } from "./refusals.ts";

// What seeds and recalls write; the database fills in the id.
const WRITTEN = new Set([
  ...["id", "lead_id", "due_at", "channel", "message", "status", "source", "reason"],
  ...["recall_of", "is_callback", "created_at", "updated_at"],
]);

/** The app's columns of follow_ups that have to be filled, and that nothing of ours fills. Pure. */
export function requiredColumns({ name, columns }: AppTable): Refusal[] {
  if (name !== "follow_ups") return [];
  return columns
    .filter((column) => column.required && !column.has_default && !WRITTEN.has(column.name))
    .map((column) => ({
      problem:
        `public.follow_ups.${column.name} is not null and has no default: no follow-up could be seeded, ` +
        "no recall planned",
      mend: `alter table public.follow_ups alter column ${column.name} set default …`,
    }));
}
