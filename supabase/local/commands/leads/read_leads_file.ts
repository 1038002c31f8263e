import { basename } from "node:path";
import { UsageError } from "../usage_error.ts";
import { type CsvRow, parseCsv } from "./parse_csv.ts";
import { type LeadsHeader, readHeader } from "./read_header.ts";

/** A file of leads, split into rows that nobody has judged yet. */
export interface LeadsFile {
  /** Without its folder. */
  name: string;
  header: LeadsHeader;
  rows: CsvRow[];
  unclosedQuoteLine: number | null;
}

/**
 * Reads a CSV file of leads.
 *
 * @throws {UsageError} when nothing of it can be used: no such file, empty, not UTF-8, no header.
 */
export async function readLeadsFile(path: string): Promise<LeadsFile> {
  const text = decode(await readBytes(path), path);
  const { rows: [first, ...rows], unclosedQuoteLine } = parseCsv(text);
  try {
    if (!first && unclosedQuoteLine !== null) {
      throw new UsageError("Its first line opens a quote that is never closed");
    }
    if (!first) throw new UsageError("It is empty");
    return { name: basename(path), header: readHeader(first.fields), rows, unclosedQuoteLine };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`Cannot use the leads file "${path}": ${error.message}`);
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new UsageError(`Cannot read the leads file "${path}": ${reason}`);
  }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(
      `Cannot read the leads file "${path}": it is not UTF-8. Save it as "CSV UTF-8"`,
    );
  }
}
