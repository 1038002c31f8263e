-- What the app's database refuses of what follows from a call is kept as what it is, so that it can be tried again: to
-- find it in the words of a reason would tie the engine to its wording.
alter table public.call_attempts
  add column refused_parts text[] not null default '{}',
  add constraint known_refused_parts
    check (refused_parts <@ array['callback', 'follow_up', 'lead', 'result', 'next_call']);

comment on column public.call_attempts.refused_parts is
  'What the app''s database has refused of what follows from the call, and is tried again by each run for as long as settle_for, and by each further report: callback, to take it back; follow_up, to complete it; lead, to mark it as called; result, to write it to the lead; next_call, to plan it. What the database said stands in error. Empty for almost all.';

create index call_attempts_with_refused_parts on public.call_attempts (ended_at)
  where refused_parts <> '{}';

create function public.attempts_with_refused_parts(
  batch_size integer default 500,
  as_of timestamptz default now()
)
returns table (attempt_id uuid)
language sql
stable
security invoker
set search_path = ''
-- A few rows of large tables: through indexes, whatever the statistics say or do not say yet.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
set max_parallel_workers_per_gather = 0
as $$
  select attempt.id
  from public.call_attempts as attempt
  cross join public.dispatch_settings as settings
  where attempt.refused_parts <> '{}'
    and attempt.erased_at is null
    and attempt.ended_at
      > attempts_with_refused_parts.as_of - settings.settle_for - interval '1 day'
  order by attempt.ended_at
  limit attempts_with_refused_parts.batch_size
$$;

revoke all on function public.attempts_with_refused_parts from public, anon, authenticated;
grant execute on function public.attempts_with_refused_parts to service_role;

comment on function public.attempts_with_refused_parts is
  'Attempts whose call is over and of which the app has refused what follows, the oldest first; see call_attempts.refused_parts. Empty most of the time. Asked by retry_refused_parts and dispatch_backlog.';

create function public.note_refused_part(
  attempt_id uuid,
  what text,
  why text
)
returns void
language sql
volatile
security invoker
set search_path = ''
as $$
  update public.call_attempts as attempt
  set error = left(
    concat_ws('. ', attempt.error, concat(note_refused_part.what, ': ', note_refused_part.why)), 500
  )
  where attempt.id = note_refused_part.attempt_id
$$;

revoke all on function public.note_refused_part from public, anon, authenticated;
grant execute on function public.note_refused_part to service_role;

comment on function public.note_refused_part is
  'Adds to an attempt''s error which part of what follows from it the app''s database has refused, and why, an error of PostgreSQL''s. Called by put_back_uncalled_apart, record_dispatch_results, follow_settled_call and resolve_call_attempt.';
