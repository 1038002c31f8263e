/** A bug to be planted, to see that it is found. */
export interface PlantedBug {
  name: string;
  /** What it does, as one line for the help. */
  what: string;
  /** The scenarios that are played until one finds it. */
  scenarios: readonly string[];
  /** What is complained of when it is found: any other complaint, such as an error of SQL, does not count. */
  shows: RegExp;
  changes: readonly (DatabaseChange | CodeChange)[];
}

/** Changes the database, once the migrations are applied. */
export type DatabaseChange =
  | { dropIndex: string }
  /** Replaces a text in the functions of `public` that hold all of `mentions`. */
  | { mentions: readonly string[]; find: RegExp; put: string };

/** Replaces a text in a copy of a file of `supabase/functions`. */
export interface CodeChange {
  file: string;
  find: string | RegExp;
  put: string;
}
