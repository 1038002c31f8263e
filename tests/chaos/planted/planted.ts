import type { Sql } from "../../../supabase/local/postgres/connect.ts";

/** A bug that projects are given: their functions run from a changed copy, their database is changed. */
export interface Planted extends AsyncDisposable {
  /** The copy of `supabase/functions` to run. */
  functionsDirectory: string;
  /** Changes a project's database. */
  plantInto(sql: Sql): Promise<void>;
}
