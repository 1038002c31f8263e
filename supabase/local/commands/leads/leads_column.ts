/** The columns that mean something in a file of leads. */
export const LEADS_COLUMNS = ["customer_name", "phone", "stage", "time_zone"] as const;

/** One of them. */
export type LeadsColumn = typeof LEADS_COLUMNS[number];

/** Whether a column of this name, in lower case, means something. */
export function isLeadsColumn(name: string): name is LeadsColumn {
  return LEADS_COLUMNS.some((column) => column === name);
}
