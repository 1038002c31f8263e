-- What every database of a Supabase project has. Run as supabase_admin in that database.
-- No default privileges: new objects in `public` are granted by the migration that makes them.

do $owner$
begin
  execute format('alter database %I owner to postgres', current_database());
end
$owner$;

grant usage on schema public to postgres, anon, authenticated, service_role;

create schema if not exists extensions;
grant all on schema extensions to postgres;
grant usage on schema extensions to anon, authenticated, service_role;

do $extensions$
declare
  wanted text;
begin
  foreach wanted in array array['uuid-ossp', 'pgcrypto'] loop
    if exists (select from pg_catalog.pg_available_extensions where name = wanted) then
      execute format('create extension if not exists %I with schema extensions', wanted);
    end if;
  end loop;
end
$extensions$;
