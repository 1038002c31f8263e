import type { AppTable } from "./app_tables.ts";
import type { OurMigrations } from "./our_migrations.ts";
import type { Refusal } from "./refusals.ts";
import { requiredColumns } from "./required_columns.ts";

/** What speaks against a push, and what only has to be known. */
export interface Problems {
  /** The push, or every run after it, would fail. */
  problems: Refusal[];
  /** It would work, and perhaps not as expected. */
  warnings: string[];
}

/** What else is in the database. */
export interface Surroundings {
  /** Relations in public that are there before a migration of ours. */
  relations: string[];
  /** Names of functions in public that are there before a migration of ours, but for extensions'. */
  functions: string[];
  time_zone: string;
}

/** The longest word that is written into a column, or that it has to hold. */
const LONGEST_WORDS: Record<string, string> = {
  "leads.stage": "contacted",
  "follow_ups.status": "completed",
  "follow_ups.channel": "voice_call",
  "follow_ups.source": "recall",
};

/** From here on an index takes long enough for an app to notice. */
const MANY_ROWS = 500_000;

/** Judges what the migrations' own checks do not: pure, from what was found. */
export function findProblems(
  tables: AppTable[],
  ours: OurMigrations,
  { relations, functions, time_zone }: Surroundings,
): Problems {
  const taken = ours.relations.filter((name) => relations.includes(name));
  const takenFunctions = ours.functions.filter((name) => functions.includes(name));
  return {
    problems: [
      ...taken.map((name) => ({
        problem: `public.${name} is there already, and is the name of one of our tables or views`,
        mend: `Rename it: alter table public.${name} rename to …`,
      })),
      ...takenFunctions.map((name) => ({
        problem: `public.${name} is there already, and is the name of one of our functions`,
        mend: `Rename it: alter function public.${name} rename to …`,
      })),
      ...tables.flatMap(requiredColumns),
      ...tables.flatMap(shortColumns),
      ...tables.flatMap(emptyFlags),
    ],
    warnings: [
      ...missingColumns(tables),
      ...tables.flatMap(emptyTimes),
      ...tables.flatMap(uniqueRules),
      ...tables.flatMap(firingTriggers),
      ...plainTimestamps(tables, time_zone),
      ...tables.flatMap(manyRows),
    ],
  };
}

function shortColumns({ name, columns }: AppTable): Refusal[] {
  return columns.flatMap((column) => {
    const word = LONGEST_WORDS[`${name}.${column.name}`];
    if (word === undefined || column.longest === null || column.longest >= word.length) return [];
    return [{
      problem:
        `public.${name}.${column.name} holds ${column.longest} characters, too few for "${word}"`,
      mend: `alter table public.${name} alter column ${column.name} type text`,
    }];
  });
}

// The claim takes those of true and those of false, each by an index of its own.
function emptyFlags({ name, columns }: AppTable): Refusal[] {
  if (!columns.some((column) => column.name === "is_callback" && !column.required)) return [];
  return [{
    problem:
      `public.${name}.is_callback may be empty, and one in which it is would never be called`,
    mend: `update public.${name} set is_callback = false where is_callback is null; ` +
      `alter table public.${name} alter column is_callback set default false, ` +
      "alter column is_callback set not null",
  }];
}

function emptyTimes({ name, columns }: AppTable): string[] {
  if (!columns.some((column) => column.name === "due_at" && !column.required)) return [];
  return [
    `${name}.due_at may be empty: a pending follow-up without a time is never called, and keeps its lead ` +
    "from being seeded",
  ];
}

// As the migration says that pauses the engine: the defaults would mean "call everybody now".
function missingColumns(tables: AppTable[]): string[] {
  const lacks = (table: AppTable["name"], names: string[]) => {
    const found = tables.find(({ name }) => name === table);
    return names.filter((name) => found && !found.columns.some((column) => column.name === name))
      .map((name) => `${table}.${name}`);
  };
  const missing = [
    ...lacks("leads", ["stage", "call_date"]),
    ...lacks("follow_ups", ["due_at", "channel", "status"]),
  ];
  if (missing.length === 0) return [];
  return [
    `${
      missing.join(", ")
    }: not there, and filled with defaults that mean "call now". Where leads has ` +
    "rows, the engine starts paused",
  ];
}

function uniqueRules({ name, unique }: AppTable): string[] {
  if (name !== "follow_ups") return [];
  return unique.filter(({ name }) =>
    !name.startsWith("follow_ups_one_recall") && !name.startsWith("follow_ups_seeded")
  )
    .map(({ name, rule }) =>
      `${name} is unique: a seed or a recall that it forbids is left out without a word (${rule})`
    );
}

function firingTriggers({ name, triggers }: AppTable): string[] {
  const own = triggers
    .filter((trigger) => !trigger.does.includes("EXECUTE FUNCTION note_"))
    .map((trigger) => trigger.name);
  if (own.length === 0) return [];
  return [
    `Triggers on ${name} also fire for what the engine writes (${
      own.join(", ")
    }): a row that one of them refuses, or ` +
    "does not keep as it was written, is set aside for an hour",
  ];
}

function plainTimestamps(tables: AppTable[], zone: string): string[] {
  const plain = tables.flatMap(({ name, columns }) =>
    columns.filter(({ name, type }) =>
      type.includes("without time zone") && ["due_at", "call_date"].includes(name)
    ).map((column) => `${name}.${column.name}`)
  );
  if (plain.length === 0) return [];
  return [
    `${
      plain.join(" and ")
    }: a timestamp without time zone, read in the database's zone, ${zone}. An app that ` +
    "writes another clock into it is called at the wrong hour",
  ];
}

function manyRows({ name, rows_estimated }: AppTable): string[] {
  if (name !== "follow_ups" || (rows_estimated ?? 0) < MANY_ROWS) return [];
  return [
    `follow_ups has about ${rows_estimated} rows: while its indexes are built, writes to it wait. Push when ` +
    "little is written",
  ];
}
