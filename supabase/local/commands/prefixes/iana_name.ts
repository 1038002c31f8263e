import timezone from "cldr-bcp47/bcp47/timezone.json" with { type: "json" };

/** One time zone of CLDR: its names, oldest first, and the one that IANA prefers where they differ. */
interface CldrZone {
  _alias?: string;
  _iana?: string;
}

const NAMES = new Map(Object.values(timezone.keyword.u.tz).flatMap(namesOfZone));

/**
 * The name that the IANA database prefers today, such as Asia/Kolkata for Asia/Calcutta. Google's
 * data keep the names of CLDR, the old ones of which a database may be installed without.
 */
export function ianaName(zone: string): string {
  return NAMES.get(zone) ?? zone;
}

function namesOfZone(entry: unknown): [string, string][] {
  const { _alias = "", _iana } = entry as CldrZone;
  const aliases = _alias.split(" ").filter((name) => name.includes("/"));
  const preferred = _iana ?? aliases[0];
  return preferred === undefined ? [] : aliases.map((name) => [name, preferred]);
}
