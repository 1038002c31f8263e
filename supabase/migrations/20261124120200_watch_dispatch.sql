create function public.open_incidents(
  as_of timestamptz default now()
)
returns table (
  kind text,
  began_at timestamptz,
  detail text,
  well_since timestamptz
)
language sql
stable
security invoker
set search_path = ''
as $$
  select
    coalesce(found_now.kind, noted.kind),
    coalesce(noted.began_at, found_now.began_at),
    coalesce(found_now.detail, noted.detail),
    case when found_now.kind is null then coalesce(noted.well_since, open_incidents.as_of) end
  from public.find_incidents(open_incidents.as_of) as found_now
  full join (
    select incident.kind, incident.began_at, incident.detail, incident.well_since
    from public.dispatch_incidents as incident
    where incident.ended_at is null and incident.confirmed_at is not null
  ) as noted on noted.kind = found_now.kind
$$;

revoke all on function public.open_incidents from public, anon, authenticated;
grant execute on function public.open_incidents to service_role;

comment on function public.open_incidents is
  'What is wrong at as_of, and, with well_since, what was until then and is not over yet because it may come back. Read by call_status. It needs no look of the alarm, so that it also speaks when that is dead.';

create function public.alarm_text(
  incident public.dispatch_incidents
)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select case
    when incident.ended_at is null then
      format(
        'Call Dispatch: %s. Since %s UTC.', incident.detail,
        to_char(incident.began_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
      )
    else
      format(
        'Call Dispatch: over since %s UTC: %s.',
        to_char(incident.ended_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        incident.detail
      )
  end
$$;

revoke all on function public.alarm_text from public, anon, authenticated;
grant execute on function public.alarm_text to service_role;

comment on function public.alarm_text is
  'The message that tells of an incident, or of its end when it has ended. Times in UTC.';

create function public.send_alarm(
  message text
)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  webhook_url text;
begin
  if to_regnamespace('vault') is null or to_regnamespace('net') is null then
    return null;
  end if;
  select btrim(stored.decrypted_secret) into webhook_url
  from vault.decrypted_secrets as stored
  where stored.name = 'alarm_webhook_url';
  -- Checked here: net.http_post fails on a null URL with the row in its error.
  if coalesce(webhook_url, '') = '' then
    return null;
  end if;
  return net.http_post(
    url := webhook_url,
    body := jsonb_build_object('text', send_alarm.message),
    headers := '{"Content-Type": "application/json"}',
    timeout_milliseconds := 5000
  );
exception
  -- What is wrong is noted all the same. The code alone: the message might quote the address.
  when others then
    raise warning 'The alarm could not be handed to pg_net: error %', sqlstate;
    return null;
end
$$;

revoke all on function public.send_alarm from public, anon, authenticated;
grant execute on function public.send_alarm to service_role;

comment on function public.send_alarm is
  'Posts {"text": message} to the Vault secret alarm_webhook_url, as Slack and its like take it, once this transaction is committed. Returns the id of the pg_net request; null = nothing is sent, because there is no such secret, no Vault or no pg_net. Never raises. The address is part of no message; in net.http_request_queue it stands until it is sent.';

create function public.alarm_must_be_sent(
  incident public.dispatch_incidents,
  as_of timestamptz default now()
)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  most_tries constant integer := 5;
  sent_at constant timestamptz := coalesce(
    incident.end_said_at, incident.said_at
  );
  failed boolean;
begin
  if incident.said_at is null then
    return incident.ended_at is null;
  end if;
  if incident.end_said_at is null
    and incident.ended_at is not null
  then
    return true;
  end if;
  if incident.request_id is null
    or incident.tries >= most_tries
  then
    return false;
  end if;

  select reply.has_failed into failed
  from public.net_reply(incident.request_id, sent_at) as reply;
  -- Without a reply it waits in the queue, or is under way; after a crash of the database it is gone.
  -- Later the reply may have been kept no more, and who has the message must not get it twice.
  return coalesce(
    failed,
    sent_at between alarm_must_be_sent.as_of - interval '5 hours'
        and alarm_must_be_sent.as_of - interval '10 minutes'
      and not exists (
        select
        from net.http_request_queue as waiting
        where waiting.id = incident.request_id
      )
  );
end
$$;

revoke all on function public.alarm_must_be_sent from public, anon, authenticated;
grant execute on function public.alarm_must_be_sent to service_role;

comment on function public.alarm_must_be_sent is
  'True when the message on this incident, or on its end, was not sent yet, or did not arrive and was tried fewer than five times.';

create function public.tell_incidents(
  as_of timestamptz default now()
)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  incident public.dispatch_incidents;
  sent bigint;
begin
  update public.dispatch_incidents as arrived
  set request_id = null
  where arrived.request_id is not null
    and exists (
      select
      from public.net_reply(
        arrived.request_id, coalesce(arrived.end_said_at, arrived.said_at)
      ) as reply
      where not reply.has_failed
    );

  for incident in
    select told.*
    from public.dispatch_incidents as told
    where told.confirmed_at is not null
      -- Who sets the address anew is not told of last week.
      and (told.ended_at is null or told.ended_at > tell_incidents.as_of - interval '1 day')
    order by told.id
  loop
    continue when not public.alarm_must_be_sent(incident, tell_incidents.as_of);
    sent := public.send_alarm(public.alarm_text(incident));
    exit when sent is null;
    update public.dispatch_incidents as told
    set request_id = sent,
      -- The end is another message than the beginning, with tries of its own.
      tries = case
        when incident.ended_at is not null and incident.end_said_at is null then 1
        else incident.tries + 1
      end,
      said_at = case
        when incident.ended_at is null then tell_incidents.as_of
        else incident.said_at
      end,
      end_said_at = case when incident.ended_at is not null then tell_incidents.as_of end
    where told.id = incident.id;
  end loop;
end
$$;

revoke all on function public.tell_incidents from public, anon, authenticated;
grant execute on function public.tell_incidents to service_role;

comment on function public.tell_incidents is
  'Sends what alarm_must_be_sent names. Called by watch_dispatch, under its lock.';

create function public.watch_dispatch(
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  over_after constant interval := interval '10 minutes';
begin
  -- One look at a time; who meets another leaves it to that one.
  if not pg_try_advisory_xact_lock(hashtext('call_dispatch.watch_dispatch')) then
    return null;
  end if;

  -- Waits for nobody: a tick that holds the row may be waiting for the end of the run that looks here.
  with beat as materialized (
    select heartbeat.id from public.dispatch_heartbeat as heartbeat for update skip locked
  )
  update public.dispatch_heartbeat as heartbeat
  set last_watched_at = watch_dispatch.as_of
  from beat
  where heartbeat.id = beat.id;

  with found_now as materialized (
    select * from public.find_incidents(watch_dispatch.as_of)
  ),
  noted as (
    insert into public.dispatch_incidents as incident
      (kind, began_at, detail, found_at, confirmed_at)
    select
      found_now.kind, found_now.began_at, found_now.detail, watch_dispatch.as_of,
      case when found_now.told_after = interval '0' then watch_dispatch.as_of end
    from found_now
    on conflict (kind) where ended_at is null do update
    set detail = excluded.detail,
      well_since = null,
      confirmed_at = coalesce(
        incident.confirmed_at,
        (
          select watch_dispatch.as_of
          from found_now
          where found_now.kind = incident.kind
            and incident.found_at <= watch_dispatch.as_of - found_now.told_after
        )
      )
  ),
  passed as (
    delete from public.dispatch_incidents as incident
    where incident.ended_at is null
      and incident.confirmed_at is null
      and not exists (select from found_now where found_now.kind = incident.kind)
  )
  update public.dispatch_incidents as incident
  set well_since = coalesce(incident.well_since, watch_dispatch.as_of),
    ended_at = case
      when incident.well_since <= watch_dispatch.as_of - over_after then incident.well_since
    end
  where incident.ended_at is null
    and incident.confirmed_at is not null
    and not exists (select from found_now where found_now.kind = incident.kind);

  perform public.tell_incidents(watch_dispatch.as_of);
  return (
    select count(*)
    from public.dispatch_incidents as incident
    where incident.ended_at is null and incident.confirmed_at is not null
  );
end
$$;

revoke all on function public.watch_dispatch from public, anon, authenticated;
grant execute on function public.watch_dispatch to service_role;

comment on function public.watch_dispatch is
  'Looks for incidents (find_incidents), notes those that are new, ends those that have been well for ten minutes, and tells of both, once each, where Vault has an alarm_webhook_url. Called every five minutes by the job call-dispatch-alarm, and by the end of each run. Returns how many are open; null while another look is under way, which does the work.';

create function public.watch_ended_run()
returns trigger
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  perform public.watch_dispatch(new.finished_at);
  return null;
exception
  -- The end of the run must not be lost for it: the job call-dispatch-alarm looks again.
  when others then
    raise warning 'The alarm could not look: %', sqlerrm;
    return null;
end
$$;

revoke all on function public.watch_ended_run from public, anon, authenticated;
grant execute on function public.watch_ended_run to service_role;

comment on function public.watch_ended_run is
  'Deferred trigger on dispatch_runs: when a run has ended, the alarm looks, so that it is noticed also while pg_cron stands still and only new leads start runs. Never fails.';

-- Deferred, so that the tick that closes lost runs has noted its heartbeat before.
create constraint trigger watch_ended_run
  after update of finished_at on public.dispatch_runs
  deferrable initially deferred
  for each row
  when (old.finished_at is null and new.finished_at is not null)
  execute function public.watch_ended_run();
