create function public.retry_delay(
  attempts integer,
  first_delay interval,
  longest_delay interval
)
returns interval
language sql
immutable
security invoker
set search_path = ''
as $$
  -- The exponent stops at 20 so that no number of attempts overflows an interval.
  select least(
    retry_delay.longest_delay,
    retry_delay.first_delay * power(2, least(greatest(retry_delay.attempts, 1), 21) - 1)
  )
$$;

revoke all on function public.retry_delay from public, anon, authenticated;
grant execute on function public.retry_delay to service_role;

comment on function public.retry_delay is
  'How long a follow-up waits after this many attempts that provably never left: the first delay, doubled for each further attempt, up to the longest.';
