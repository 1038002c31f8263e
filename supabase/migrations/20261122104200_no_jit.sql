-- Our functions look at a few rows, and are planned with the scans of whole tables switched off. That
-- makes the look at a table of one row seem to cost as much as a scan of all tables, and where
-- PostgreSQL has its just-in-time compiler switched on, it compiles for a tenth of a second what then
-- runs for a millisecond.
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
    execute format('alter function %s set jit = off', planned.signature);
  end loop;
end
$$;
