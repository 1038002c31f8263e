import { UsageError } from "../usage_error.ts";
import { isLeadsColumn, LEADS_COLUMNS, type LeadsColumn } from "./leads_column.ts";

/** Which field of a row means what. */
export interface LeadsHeader {
  /** Fields that a row has to have. */
  width: number;
  positions: ReadonlyMap<LeadsColumn, number>;
  /** Names of columns that are not used. */
  unknown: string[];
}

/**
 * Reads the header of a file of leads.
 *
 * @throws {UsageError} when there is no column `phone`, or a column stands there twice.
 */
export function readHeader(fields: string[]): LeadsHeader {
  const positions = new Map<LeadsColumn, number>();
  const unknown: string[] = [];
  fields.forEach((field, position) => {
    const name = field.trim().toLowerCase().replace(/[\s-]+/g, "_");
    if (name === "") return;
    if (!isLeadsColumn(name)) unknown.push(field.trim());
    else if (positions.has(name)) throw new UsageError(`The column "${name}" stands there twice`);
    else positions.set(name, position);
  });
  if (!positions.has("phone")) {
    throw new UsageError(
      `There is no column "phone" in its first line, which must name the columns: ` +
        `${LEADS_COLUMNS.join(", ")}, in any order`,
    );
  }
  return { width: fields.length, positions, unknown };
}
