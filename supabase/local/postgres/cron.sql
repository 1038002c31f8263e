-- Stand-in for the extension pg_cron 1.6: the same tables, functions, row-level security and grants.
-- The jobs are run by the clock of the local stack. Left out where the real extension is installed.

create schema cron;

create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport int not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);

create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

create function cron.job_cache_invalidate()
returns trigger
language plpgsql
as $$
begin
  perform pg_notify('call_dispatch_cron_changed', '');
  return null;
end
$$;

create trigger cron_job_cache_invalidate
after insert or update or delete or truncate on cron.job
for each statement execute function cron.job_cache_invalidate();

-- Whether each number of a schedule's five fields is one that the field can have.
create function cron._is_in_range(schedule text)
returns boolean
language sql
immutable
as $$
  select not exists (
    select
    from regexp_split_to_table(btrim(schedule), '\s+') with ordinality as field (text, number)
    cross join regexp_split_to_table(split_part(field.text, '/', 1), '[,-]') as part (text)
    where part.text ~ '^\d+$'
      and part.text::numeric not between case when field.number in (3, 4) then 1 else 0 end
        and (array[59, 23, 31, 12, 7])[field.number]
  )
$$;

create function cron._check_schedule(schedule text)
returns void
language plpgsql
immutable
as $$
begin
  if schedule is null then
    raise exception 'schedule can not be NULL' using errcode = 'internal_error';
  end if;
  if schedule !~* '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly)\s*$'
    and schedule !~* '^\s*([1-9]|[1-5]\d)\s+seconds?\s*$'
    and not (
      schedule ~* '^\s*([\d*,/\-a-z$]+\s+){4}[\d*,/\-a-z$]+\s*$' and cron._is_in_range(schedule)
    )
  then
    raise exception 'invalid schedule: %', schedule
      using errcode = 'invalid_parameter_value',
        hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
end
$$;

-- The extension writes its tables as their owner for whoever calls: the public functions pass on
-- who that is, and this refuses a name that the session could not take on.
create function cron._check_caller(caller name)
returns void
language plpgsql
stable
as $$
begin
  if not pg_has_role(session_user, caller, 'member') then
    raise exception 'permission denied to schedule a job for %', caller
      using errcode = 'insufficient_privilege';
  end if;
end
$$;

create function cron._write_job(
  caller name, job_name text, schedule text, command text, target_database text, active boolean
)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  job_id bigint;
begin
  perform cron._check_caller(caller);
  perform cron._check_schedule(_write_job.schedule);
  if _write_job.command is null then
    raise exception 'command can not be NULL' using errcode = 'internal_error';
  end if;
  if not exists (
    select from pg_catalog.pg_database as target
    where target.datname = coalesce(_write_job.target_database, current_database())
  ) then
    raise exception 'database "%" does not exist', _write_job.target_database
      using errcode = 'invalid_catalog_name';
  end if;
  insert into cron.job (jobname, schedule, command, database, username, active)
  values (
    _write_job.job_name, _write_job.schedule, _write_job.command,
    coalesce(_write_job.target_database, current_database()), _write_job.caller, _write_job.active
  )
  -- A job that was switched off stays so.
  on conflict on constraint jobname_username_uniq do update
  set schedule = excluded.schedule, command = excluded.command
  returning jobid into job_id;
  return job_id;
end
$$;

create function cron.schedule(schedule text, command text)
returns bigint
language sql
strict
as $$ select cron._write_job(current_user, null, $1, $2, null, true) $$;

create function cron.schedule(job_name text, schedule text, command text)
returns bigint
language plpgsql
as $$
begin
  if job_name is null then
    raise exception 'job_name can not be NULL' using errcode = 'internal_error';
  end if;
  return cron._write_job(current_user, job_name, schedule, command, null, true);
end
$$;

create function cron.schedule_in_database(
  job_name text,
  schedule text,
  command text,
  database text,
  username text default null,
  active boolean default true
)
returns bigint
language plpgsql
as $$
begin
  if job_name is null then
    raise exception 'job_name can not be NULL' using errcode = 'internal_error';
  end if;
  if username is not null and username <> current_user then
    raise exception 'must be superuser to create a job for another role'
      using errcode = 'insufficient_privilege';
  end if;
  return cron._write_job(current_user, job_name, schedule, command, database, active);
end
$$;

create function cron._delete_job(caller name, job_id bigint, job_name text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  found_job cron.job;
begin
  perform cron._check_caller(caller);
  select * into found_job
  from cron.job as job
  where case when _delete_job.job_id is not null then job.jobid = _delete_job.job_id
    else job.jobname = _delete_job.job_name and job.username = _delete_job.caller end;
  if found_job.jobid is null then
    raise exception 'could not find valid entry for job %',
      coalesce(quote_literal(_delete_job.job_name), _delete_job.job_id::text)
      using errcode = 'internal_error';
  end if;
  if found_job.username <> _delete_job.caller and not has_table_privilege(_delete_job.caller, 'cron.job', 'delete') then
    raise exception 'permission denied for table job' using errcode = 'insufficient_privilege';
  end if;
  delete from cron.job as job where job.jobid = found_job.jobid;
  return true;
end
$$;

create function cron.unschedule(job_id bigint)
returns boolean
language sql
strict
as $$ select cron._delete_job(current_user, job_id, null) $$;

create function cron.unschedule(job_name text)
returns boolean
language sql
strict
as $$ select cron._delete_job(current_user, null, job_name) $$;

create function cron._change_job(
  caller name, job_id bigint, schedule text, command text, target_database text, active boolean
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform cron._check_caller(caller);
  if _change_job.schedule is not null then
    perform cron._check_schedule(_change_job.schedule);
  end if;
  update cron.job as job
  set schedule = coalesce(_change_job.schedule, job.schedule),
    command = coalesce(_change_job.command, job.command),
    database = coalesce(_change_job.target_database, job.database),
    active = coalesce(_change_job.active, job.active)
  where job.jobid = _change_job.job_id and job.username = _change_job.caller;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', _change_job.job_id
      using errcode = 'internal_error';
  end if;
end
$$;

create function cron.alter_job(
  job_id bigint,
  schedule text default null,
  command text default null,
  database text default null,
  username text default null,
  active boolean default null
)
returns void
language plpgsql
as $$
begin
  if username is not null and username <> current_user then
    raise exception 'must be superuser to alter username' using errcode = 'insufficient_privilege';
  end if;
  perform cron._change_job(current_user, job_id, schedule, command, database, active);
end
$$;

revoke execute on function cron.alter_job, cron.schedule_in_database from public;
grant select on cron.job, cron.job_run_details to public;
grant delete on cron.job_run_details to public;
grant select on sequence cron.jobid_seq, cron.runid_seq to public;

-- As Supabase does after `create extension pg_cron`: the owner of the project may use it all, but
-- jobs change through the functions only.
grant usage on schema cron to postgres with grant option;
grant all on all functions in schema cron to postgres with grant option;
grant all on all sequences in schema cron to postgres with grant option;
grant all on all tables in schema cron to postgres with grant option;
revoke all on cron.job from postgres;
grant select on cron.job to postgres with grant option;
revoke trigger on cron.job_run_details from postgres;

select pg_temp.register_stand_in('pg_cron', 'cron', '1.6.4');
