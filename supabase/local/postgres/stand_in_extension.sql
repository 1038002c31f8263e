-- Lets a schema of ours pass for an installed extension: `create extension if not exists` in a
-- migration then finds it, and tools that leave out what extensions own leave these objects out.
-- Superusers only; gone with the session.

create or replace function pg_temp.register_stand_in(extension_name text, schema_name text, version text)
returns void
language plpgsql
as $function$
declare
  member record;
begin
  set local allow_system_table_mods = on;
  insert into pg_catalog.pg_extension
    (oid, extname, extowner, extnamespace, extrelocatable, extversion)
  select coalesce(max(existing.oid::bigint), 0) + 16384, extension_name, 'supabase_admin'::regrole,
    schema_name::regnamespace, false, version
  from pg_catalog.pg_extension as existing;
  set local allow_system_table_mods = off;

  for member in
    select 'function ' || routine.oid::regprocedure as object
    from pg_catalog.pg_proc as routine
    where routine.pronamespace = schema_name::regnamespace
    union all
    select case relation.relkind when 'r' then 'table ' when 'v' then 'view ' else 'sequence ' end
      || relation.oid::regclass
    from pg_catalog.pg_class as relation
    where relation.relnamespace = schema_name::regnamespace and relation.relkind in ('r', 'v', 'S')
    union all
    select case kind.typtype when 'd' then 'domain ' else 'type ' end || kind.oid::regtype
    from pg_catalog.pg_type as kind
    where kind.typnamespace = schema_name::regnamespace
      and (kind.typtype in ('d', 'e') or kind.typtype = 'c'
        and exists (select from pg_catalog.pg_class where oid = kind.typrelid and relkind = 'c'))
  loop
    execute format('alter extension %I add %s', extension_name, member.object);
  end loop;
end
$function$;
