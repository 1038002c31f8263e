-- An app may write a lead and its follow-up in one transaction, or many leads in one statement, in an
-- order of its own. What meets it there waits in a circle, and after deadlock_timeout (1 s) Postgres ends
-- one of the two: mostly the app's. These give up before, hold nothing of the app's for longer, and are
-- asked again by whoever called them: each is harmless to repeat.
alter function public.record_dispatch_results(jsonb, timestamptz) set lock_timeout = '700ms';
alter function public.record_call_result(jsonb, timestamptz) set lock_timeout = '700ms';
alter function public.settle_call_attempts(jsonb, timestamptz) set lock_timeout = '700ms';
alter function public.plan_callback(uuid, text, text, timestamptz, timestamptz)
  set lock_timeout = '700ms';
