-- Installs the real pg_cron with the grants that Supabase gives after `create extension pg_cron`.
-- It can only live in the one database that `cron.database_name` names.

create extension pg_cron with schema pg_catalog;

grant usage on schema cron to postgres with grant option;
grant all on all functions in schema cron to postgres with grant option;
grant all on all sequences in schema cron to postgres with grant option;
grant all on all tables in schema cron to postgres with grant option;
revoke all on cron.job from postgres;
grant select on cron.job to postgres with grant option;
revoke trigger on cron.job_run_details from postgres;
