import { deserialize } from "bson";
import { TIME_ZONES_FILE } from "./geo_carrier.ts";
import { ianaName } from "./iana_name.ts";

/** The time zones that Google's data give to the numbers that begin with these digits. */
export type LibraryZones = ReadonlyMap<string, readonly string[]>;

/** Etc/Unknown, and whatever else is no place. */
const PLACE = /^(?!Etc\/)[A-Za-z_]+\//;
/** +1 and the three digits of an area code. */
const AREA_CODE_LENGTH = 4;

/** The library's table of prefixes, with today's names; the longest prefix of a number counts. */
export async function libraryZones(): Promise<LibraryZones> {
  // Not by its own function, which answers for one number at a time.
  const data = deserialize(await Deno.readFile(TIME_ZONES_FILE));
  const zones = new Map<string, string[]>();
  for (const [prefix, names] of Object.entries(data)) {
    const key = prefix.startsWith("1") ? prefix.slice(0, AREA_CODE_LENGTH) : prefix;
    // Where fixed lines and mobiles share their numbers, the exchange after the area code does not say
    // where a phone is: mobiles move, and the library's answer for an exchange that it does not list
    // is that of some other exchange. So area codes of North America get the zones of all exchanges.
    zones.set(key, sorted([...zones.get(key) ?? [], ...placesIn(String(names))]));
  }
  return zones;
}

function placesIn(names: string): string[] {
  return names.split("&").filter((name) => PLACE.test(name)).map(ianaName);
}

function sorted(zones: string[]): string[] {
  return [...new Set(zones)].sort();
}
