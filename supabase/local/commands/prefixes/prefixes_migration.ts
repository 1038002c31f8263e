import pins from "../../deno.json" with { type: "json" };
import { GEO_CARRIER } from "./geo_carrier.ts";
import type { PrefixRow } from "./prefix_rows.ts";

const LINE_WIDTH = 100;
const INDENT = "    ";

/** The migration that makes the table of these rows and what reads it. */
export function prefixesMigration(rows: readonly PrefixRow[]): string {
  const longest = Math.max(...rows.map(({ prefix }) => prefix.length));
  return `-- Written by deno task prefixes: change the generator, not this file.
--
-- Which country and which time zones a phone number can be in, by its first digits. The data are those
-- of Google's libphonenumber, from
-- ${versions()}.
create table public.number_prefixes (
  prefix text primary key
    constraint prefix_is_digits check (prefix ~ '^[1-9][0-9]{0,${longest - 1}}$'),
  country text
    constraint country_is_two_letters check (country ~ '^[A-Z]{2}$'),
  time_zones text[] not null
);

-- Each line: country, time zones, and all prefixes that have these.
insert into public.number_prefixes (prefix, country, time_zones)
select one.prefix, alike.country, alike.time_zones::text[]
from (
  values
${groups(rows).join(",\n")}
) as alike (country, time_zones, prefixes)
cross join regexp_split_to_table(alike.prefixes, '\\s+') as one (prefix);

alter table public.number_prefixes enable row level security;
create policy service_role_manages_number_prefixes on public.number_prefixes
  to service_role using (true) with check (true);
revoke all on table public.number_prefixes from public, anon, authenticated;
grant select, insert, update, delete on table public.number_prefixes to service_role;

comment on table public.number_prefixes is
  'Which country and which time zones a phone number can be in: its longest prefix decides. From ${versions()}.';
comment on column public.number_prefixes.prefix is
  'The first digits of the number in E.164, without the plus sign.';
comment on column public.number_prefixes.country is
  'The country of all numbers with this prefix, in two letters of ISO 3166; null = several, or none. Toll-free numbers of North America count as those of the US, numbers that Australia shares with its islands as Australia''s.';
comment on column public.number_prefixes.time_zones is
  'All time zones that such a phone can be in; none = not known. For a fixed line those of its place, for a number of North America those of its area code, for a mobile elsewhere, and for a number without a place, those of the whole country.';

create function public.number_prefix(
  number text
)
returns public.number_prefixes
language plpgsql
stable
security invoker
set search_path = ''
set enable_seqscan = off
set jit = off
as $$
declare
  longest public.number_prefixes;
begin
  select known.prefix, known.country, known.time_zones into longest
  from public.number_prefixes as known
  where known.prefix = any (
    array(
      select substr(number_prefix.number, 2, step.length)
      from generate_series(1, ${longest}) as step (length)
      where number_prefix.number ~ '^\\+[0-9]+$'
    )
  )
  order by length(known.prefix) desc
  limit 1;
  return longest;
end
$$;

revoke all on function public.number_prefix from public, anon, authenticated;
grant execute on function public.number_prefix to service_role;

comment on function public.number_prefix is
  'The row of number_prefixes with the longest prefix of a number in E.164, such as +13055551234; null for a calling code that nobody has, and for what is not E.164.';

create function public.number_time_zones(
  number text
)
returns text[]
language sql
stable
security invoker
set search_path = ''
as $$
  select coalesce((public.number_prefix(number_time_zones.number)).time_zones, '{}')
$$;

revoke all on function public.number_time_zones from public, anon, authenticated;
grant execute on function public.number_time_zones to service_role;

comment on function public.number_time_zones is
  'All time zones that a phone with this number can be in, by number_prefixes; an empty array when none is known.';

create function public.number_country(
  number text
)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select (public.number_prefix(number_country.number)).country
$$;

revoke all on function public.number_country from public, anon, authenticated;
grant execute on function public.number_country to service_role;

comment on function public.number_country is
  'The country of a number, in two letters, by number_prefixes; null when several share its first digits, and when none is known.';
`;
}

function versions(): string {
  const { "libphonenumber-js": countries, "cldr-bcp47": names } = pins.imports;
  return [GEO_CARRIER, countries, names].map((name) => name.replace("npm:", "")).join(", ");
}

// One entry for all rows that are alike, in the order of their first prefixes.
function groups(rows: readonly PrefixRow[]): string[] {
  const alike = Map.groupBy(rows, ({ country, zones }) => `${country} ${zones.join()}`);
  return [...alike.values()].map(group);
}

function group(rows: readonly PrefixRow[]): string {
  const { country, zones } = rows[0]!;
  const parts = [
    ...[country === null ? "null" : `'${country}'`, ", '{"],
    ...zones.map((zone, index) => index < zones.length - 1 ? `${zone},` : zone),
    ...["}', '", ...rows.map(({ prefix }, index) => index === 0 ? prefix : ` ${prefix}`)],
  ];
  return wrapped(`${INDENT}(`, parts) + "')";
}

// An array and a list of prefixes may both be broken before any of their members.
function wrapped(start: string, parts: readonly string[]): string {
  const lines = [start];
  for (const part of parts) {
    const line = lines.at(-1)!;
    const fits = line.length + part.length <= LINE_WIDTH - 4;
    if (fits || line === start) lines[lines.length - 1] = line + part;
    else lines.push(`${INDENT}  ${part.trimStart()}`);
  }
  return lines.join("\n");
}
