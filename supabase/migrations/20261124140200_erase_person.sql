-- Somebody asks to be forgotten: everything goes but the knowledge not to call them again.

create function public.erase_person(
  number text default null,
  lead_ids uuid[] default '{}',
  as_of timestamptz default now()
)
returns table (
  erased boolean,
  why_not text,
  leads integer,
  follow_ups integer,
  call_attempts integer,
  call_events integer,
  call_pauses integer,
  stopped_numbers integer
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  given constant text := public.number_as_written(erase_person.number);
  own_ids uuid[] := coalesce(erase_person.lead_ids, '{}');
  own_numbers text[];
  all_numbers text[];
begin
  if erase_person.number is null and cardinality(own_ids) = 0 then
    raise exception 'Cannot erase a person: neither number nor lead_ids is given';
  end if;
  if erase_person.number is not null and given is null then
    raise exception 'Cannot erase a person: number is not in E.164'
      using hint = 'Write it with + and country code, such as +14155550123.';
  end if;

  -- A person is a number. That of a lead may be written without its country: then it is as it was dialled.
  own_numbers := array_remove(
    array(
      select given
      union
      select coalesce(public.number_as_written(lead.phone::text), public.last_number_called(asked.id))
      from unnest(own_ids) as asked (id)
      left join public.leads as lead on lead.id = asked.id
    ),
    null
  );
  own_ids := array(
    select unnest(own_ids)
    union
    select found.lead_id from public.leads_with_numbers(own_numbers) as found
  );

  -- Locked in the order of those who report on calls, each in a statement of its own: the next one then
  -- sees what whoever held the row before has done. Whoever opens an attempt holds its follow-up.
  perform
  from public.call_attempts as attempt
  where attempt.to_number = any (own_numbers) or attempt.lead_id = any (own_ids)
  order by attempt.id
  for update;
  perform
  from public.follow_ups as follow_up
  where follow_up.lead_id = any (own_ids)
  order by follow_up.id
  for update;
  perform
  from public.leads as lead
  where lead.id = any (own_ids)
  order by lead.id
  for update;

  -- Also where the lead was called before its phone was changed: with the attempts that number's budget
  -- goes, and it may still be theirs.
  all_numbers := array(
    select unnest(own_numbers)
    union
    select attempt.to_number
    from public.call_attempts as attempt
    where attempt.lead_id = any (own_ids) and attempt.to_number is not null
  );
  stopped_numbers := public.stop_by_hash(all_numbers, erase_person.as_of);
  why_not := public.why_not_erased_yet(all_numbers, own_ids);
  erased := why_not is null;
  leads := 0;
  follow_ups := 0;
  call_attempts := 0;
  call_events := 0;
  call_pauses := 0;
  if erased then
    -- The reports are found by their attempts, which are told of for the last time here.
    call_events := public.forget_call_events(own_numbers, own_ids);
    update public.call_attempts as attempt
    set erased_at = erase_person.as_of
    where (attempt.to_number = any (own_numbers) or attempt.lead_id = any (own_ids))
      and attempt.erased_at is null;
    get diagnostics call_attempts = row_count;
    delete from public.call_pauses as pause where pause.lead_id = any (own_ids);
    get diagnostics call_pauses = row_count;
    select forgotten.leads, forgotten.follow_ups into leads, follow_ups
    from public.forget_leads(own_ids) as forgotten;
  end if;
  return next;
end
$$;

create function public.last_number_called(
  lead_id uuid
)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select attempt.to_number
  from public.call_attempts as attempt
  where attempt.lead_id = last_number_called.lead_id and attempt.to_number is not null
  order by attempt.opened_at desc, attempt.id desc
  limit 1
$$;

create function public.leads_with_numbers(
  numbers text[]
)
returns table (
  lead_id uuid
)
language sql
stable
security invoker
set search_path = ''
as $$
  with ending as (
    select array_agg(right(number.text, 7)) as all
    from unnest(leads_with_numbers.numbers) as number (text)
  )
  select lead.id
  from ending
  cross join public.leads as lead
  -- All spellings that can be read end in the same digits; that is quickly asked of a million leads.
  where right(regexp_replace(lead.phone::text, '[^0-9]', '', 'g'), 7) = any (ending.all)
    and coalesce(public.number_as_written(lead.phone::text), public.last_number_called(lead.id))
      = any (leads_with_numbers.numbers)
$$;

create function public.stop_by_hash(
  numbers text[],
  as_of timestamptz default now()
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
  insert into public.do_not_call (number_hash, reason, added_by, added_at)
  select public.stop_list_hash(number.text), 'Asked to be forgotten', 'erasure', stop_by_hash.as_of
  from unnest(stop_by_hash.numbers) as number (text)
  order by number.text
  on conflict (number_hash) do nothing;
  delete from public.do_not_call as named where named.number = any (stop_by_hash.numbers);
  return cardinality(stop_by_hash.numbers);
end
$$;

create function public.why_not_erased_yet(
  numbers text[],
  lead_ids uuid[]
)
returns text
language sql
stable
security invoker
set search_path = ''
as $$
  select case live.status
    when 'unknown' then format(
      'a call may or may not have been placed: look into Omni''s call log, then select resolve_call_attempt(%L, ''placed''), or ''not_placed'', and ask again',
      live.id
    )
    when 'accepted' then format(
      'a call is under way: ask again when it is over, at the latest a while after %s UTC',
      to_char((live.opened_at + settings.longest_call) at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
    )
    else 'a call is just being placed: ask again in a few minutes'
  end
  from public.call_attempts as live
  cross join public.dispatch_settings as settings
  where live.status in ('sending', 'accepted', 'unknown')
    and (
      live.to_number = any (why_not_erased_yet.numbers)
      or live.lead_id = any (why_not_erased_yet.lead_ids)
    )
  order by live.status = 'unknown' desc, live.opened_at desc
  limit 1
$$;

create function public.forget_call_events(
  numbers text[],
  lead_ids uuid[]
)
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  forgotten integer;
begin
  with attempt as materialized (
    select known.id, known.request_id
    from public.call_attempts as known
    where known.to_number = any (forget_call_events.numbers)
      or known.lead_id = any (forget_call_events.lead_ids)
  )
  delete from public.call_events as event
  where event.settled_attempt_id in (select attempt.id from attempt)
    or event.attempt_id in (select attempt.id from attempt)
    or event.request_id in (select attempt.request_id from attempt)
    or public.number_as_told(event.to_number) = any (forget_call_events.numbers);
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;

create function public.forget_leads(
  lead_ids uuid[]
)
returns table (
  leads integer,
  follow_ups integer
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  pointing text;
  by_constraint text;
begin
  begin
    -- First, because a project's own table may point at its leads without cascading.
    delete from public.follow_ups as follow_up
    where follow_up.lead_id = any (forget_leads.lead_ids);
    get diagnostics follow_ups = row_count;
    delete from public.leads as lead where lead.id = any (forget_leads.lead_ids);
    get diagnostics leads = row_count;
    -- A key of the app's that is asked at the end of the transaction is asked here.
    set constraints all immediate;
  exception
    when foreign_key_violation or restrict_violation then
      get stacked diagnostics
        pointing = table_name,
        by_constraint = constraint_name;
      raise exception
        'Cannot erase the person: the app''s table "%" points at the lead (constraint "%"), and nothing has been erased',
        pointing, by_constraint
        using hint = 'Delete those rows, or take the lead out of them, then ask again.';
  end;
  -- The follow-ups have noted their lead on their way out.
  delete from public.seed_candidates as noted where noted.lead_id = any (forget_leads.lead_ids);
  return next;
end
$$;

revoke all on function public.erase_person from public, anon, authenticated;
grant execute on function public.erase_person to service_role;
revoke all on function public.last_number_called from public, anon, authenticated;
grant execute on function public.last_number_called to service_role;
revoke all on function public.leads_with_numbers from public, anon, authenticated;
grant execute on function public.leads_with_numbers to service_role;
revoke all on function public.stop_by_hash from public, anon, authenticated;
grant execute on function public.stop_by_hash to service_role;
revoke all on function public.why_not_erased_yet from public, anon, authenticated;
grant execute on function public.why_not_erased_yet to service_role;
revoke all on function public.forget_call_events from public, anon, authenticated;
grant execute on function public.forget_call_events to service_role;
revoke all on function public.forget_leads from public, anon, authenticated;
grant execute on function public.forget_leads to service_role;

comment on function public.erase_person is
  'For the operator: forgets somebody, by number (E.164, spaces allowed), by lead_ids, or by both. Meant are the leads given and all with that number, in whatever spelling number_as_written can read or a call has shown. Deletes them, with their follow-ups of every channel, pauses and reports, and takes from their call attempts what tells of the person: that a call was made, when and how it ended stays, so that counts stay true. The numbers, and those called for these leads before, stay on the stop list as hashes; prefixes and rules that name them stay as they are. Returns one row: erased; why_not, null when erased; counts of rows that went (call_attempts: that were emptied); stopped_numbers, of the numbers that are now stopped, 0 when none could be read. While a call is live nothing is deleted, but nobody is called at these numbers any more: why_not says when to ask again. Asking again does no harm. Fails, and changes nothing, when the app''s own tables forbid that a lead is deleted. Locks attempts, follow-ups and leads of the person.';
comment on function public.last_number_called is
  'The number (E.164) at which this lead was called last, whatever stands in its phone; null = it was not called.';
comment on function public.leads_with_numbers is
  'The leads with one of these numbers (E.164): as number_as_written reads them, else as they were last called. Reads all leads: called by erase_person.';
comment on function public.stop_by_hash is
  'Puts these numbers (E.164) on the stop list as hashes and takes entries that name them from it. Returns how many are stopped. Called by erase_person.';
comment on function public.why_not_erased_yet is
  'The live call to one of these numbers or leads for which erasing has to wait, in words; null = none.';
comment on function public.forget_call_events is
  'Deletes what Omni told of the calls to these numbers and leads. Returns how many events went. Called by erase_person.';
comment on function public.forget_leads is
  'Deletes leads and what waits for them. Fails in words when a foreign key of the app forbids it. Called by erase_person.';
