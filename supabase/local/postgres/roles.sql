-- The roles of a Supabase project, once per cluster. Run as supabase_admin, the superuser.
-- `{password}` is the cluster's one password: log-in roles need one, and it never leaves the machine.

do $roles$
declare
  missing text;
begin
  foreach missing in array array['postgres', 'anon', 'authenticated', 'service_role', 'authenticator'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = missing) then
      execute format('create role %I', missing);
    end if;
  end loop;
end
$roles$;

-- Not a superuser: what the migrations do here has to be possible on a hosted project.
alter role postgres nosuperuser createdb createrole login replication bypassrls password '{password}';
alter role postgres set search_path = "$user", public, extensions;

alter role anon nologin noinherit;
alter role anon set statement_timeout = '3s';
alter role authenticated nologin noinherit;
alter role authenticated set statement_timeout = '8s';
alter role service_role nologin noinherit bypassrls;

-- The role the HTTP gateway logs in as; each request then takes on one of the three.
alter role authenticator login noinherit password '{password}';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
grant anon, authenticated, service_role to authenticator;

do $grants$
begin
  -- From PostgreSQL 16 on, who may hand a role on is a grant of its own.
  if current_setting('server_version_num')::integer >= 160000 then
    grant anon, authenticated, service_role, authenticator to postgres with admin option;
  else
    grant anon, authenticated, service_role, authenticator to postgres;
  end if;
end
$grants$;

grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
