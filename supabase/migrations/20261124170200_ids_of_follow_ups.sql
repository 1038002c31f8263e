-- An app that makes the ids of its follow-ups itself may have no default for them. Seeds and recalls are
-- inserted by the database, and would fail. Nothing changes for who names an id.
do $$
begin
  if exists (
    select
    from information_schema.columns as found
    where found.table_schema = 'public'
      and found.table_name = 'follow_ups'
      and found.column_name = 'id'
      and found.column_default is null
      and found.is_identity = 'NO'
  ) then
    alter table public.follow_ups alter column id set default gen_random_uuid();
  end if;
end
$$;
