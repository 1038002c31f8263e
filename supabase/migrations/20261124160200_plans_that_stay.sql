-- A connection keeps the plan of a statement in a function from its first calls on, and in a young project
-- these see empty tables: to read such a table whole once, and keep it at hand for each row, looks cheaper
-- than to look up each row by its key. When the table has grown, each claim and each result reads it
-- whole. These functions always look up a few rows by their keys: so they are planned, and, the plan
-- being always the same one, it is not made anew at each call.
do $$
declare
  planned record;
begin
  for planned in
    select function.oid::regprocedure as signature
    from pg_catalog.pg_proc as function
    where function.pronamespace = 'public'::regnamespace
      and function.proname in (
        'claim_due_follow_ups', 'record_dispatch_results', 'mark_calls_placed', 'call_refusal'
      )
  loop
    execute format('alter function %s set enable_material = off', planned.signature);
    execute format('alter function %s set enable_bitmapscan = off', planned.signature);
    execute format('alter function %s set plan_cache_mode = force_generic_plan', planned.signature);
  end loop;
end
$$;

-- Nothing here is worth a second process: to start two for the look at what may have to be settled took
-- 20 ms of a tick that finds nothing to do, in a project of a million leads.
do $$
declare
  planned record;
begin
  for planned in
    select function.oid::regprocedure as signature
    from pg_catalog.pg_proc as function
    where function.pronamespace = 'public'::regnamespace
      and function.proconfig @> array['enable_seqscan=off']
  loop
    execute format(
      'alter function %s set max_parallel_workers_per_gather = 0', planned.signature
    );
  end loop;
end
$$;
