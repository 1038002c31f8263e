import { ourMigrations } from "../../adopt/our_migrations.ts";
import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** Numbers of migrations. */
interface Facts {
  ours: string[];
  /** Null = the database keeps no record of them. */
  applied: string[] | null;
}

/** Whether the database has all migrations of this checkout. */
export const migrationsCheck: Check<Facts, "database"> = {
  name: "migrations",
  needs: ["database"],
  async read({ database: sql }) {
    const { versions } = await ourMigrations();
    const [record] = await sql<{ is_there: boolean }[]>`
      select to_regclass('supabase_migrations.schema_migrations') is not null as is_there`;
    if (!record?.is_there) return { ours: versions, applied: null };
    const rows = await sql<{ version: string }[]>`
      select version from supabase_migrations.schema_migrations`;
    return { ours: versions, applied: rows.map(({ version }) => version) };
  },
  judge({ ours, applied }) {
    // Others may be there too: those of an app that lives in the same project.
    const missing = ours.filter((version) => !applied?.includes(version));
    const [first] = missing;
    if (first === undefined) return [verdict.ok(`All ${ours.length} migrations are applied`)];
    const which = applied === null
      ? "No record of migrations is kept here"
      : `${missing.length} of ${ours.length} migrations are not applied, the first is ${first}`;
    return [verdict.fault(`${which}: supabase db push`)];
  },
};
