-- A planner that knows nothing of these functions takes each for a thousand rows, and a view that asks
-- several for all their products: the plan of call_status looked so dear that a server with jit compiled it
-- at each look, for over a second, to run it in some milliseconds.
do $$
declare
  asked record;
begin
  for asked in
    select function.oid::regprocedure as signature, known.rows
    from (
      values
        ('call_allowance', 1), ('call_refusal', 1), ('calls_placed_since', 1), ('dispatch_backlog', 1),
        ('schedule_silence', 1), ('open_incidents', 5), ('runs_under_way', 5)
    ) as known (name, rows)
    join pg_catalog.pg_proc as function
      on function.pronamespace = 'public'::regnamespace and function.proname = known.name
  loop
    execute format('alter function %s rows %s', asked.signature, asked.rows);
  end loop;
end
$$;

-- How many days there are among the calls: else the planner expects as many as there are calls, and sorts
-- them all to count them by day.
create statistics public.call_attempts_by_day on (((opened_at at time zone 'UTC')::date))
  from public.call_attempts;
