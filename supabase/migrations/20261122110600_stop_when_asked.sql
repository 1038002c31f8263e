-- "Do not call me again", said in a call, counts from the next claim on.
alter table public.dispatch_settings
  add column do_not_call_variables text[] not null default array['do_not_call', 'stop_calling'];

comment on column public.dispatch_settings.do_not_call_variables is
  'Names under which the agent notes, by true or yes, that the person wants no more calls.';
