-- A project may have leads and follow_ups of its own. They are kept as they are; what could not work
-- is refused here, before anything is added, in words that say what to change.
do $$
declare
  wrong text;
begin
  select string_agg(
    format(
      'public.%s.%s is %s and has to be %s',
      found.table_name, found.column_name, found.udt_name, needed.udt_name
    ),
    '; '
  )
  into wrong
  from (
    values
      ('leads', 'id', 'uuid'), ('leads', 'raw_payload', 'jsonb'),
      ('follow_ups', 'id', 'uuid'), ('follow_ups', 'lead_id', 'uuid'),
      ('follow_ups', 'lease_token', 'uuid'), ('follow_ups', 'leased_until', 'timestamptz')
  ) as needed (table_name, column_name, udt_name)
  join information_schema.columns as found
    on found.table_schema = 'public'
    and found.table_name = needed.table_name
    and found.column_name = needed.column_name
    and found.udt_name <> needed.udt_name;
  if wrong is not null then
    raise exception 'Cannot use the existing tables: %', wrong;
  end if;

  select string_agg(format('public.%s', relation.relname), ' and ')
  into wrong
  from pg_catalog.pg_class as relation
  where relation.relnamespace = 'public'::regnamespace
    and relation.relname in ('leads', 'follow_ups')
    and relation.relkind not in ('r', 'p');
  if wrong is not null then
    raise exception 'Cannot use %: it has to be a table, not a view', wrong;
  end if;

  -- Every word that the engine writes must be allowed, or one closed lead would stop every claim.
  select string_agg(
    format('%I on public.%s does not allow %s', rule.conname, owner.relname, word.value), '; '
  )
  into wrong
  from (
    values
      ('follow_ups', 'status', 'skipped'), ('follow_ups', 'status', 'failed'),
      ('follow_ups', 'status', 'completed'), ('leads', 'stage', 'contacted')
  ) as word (table_name, column_name, value)
  join pg_catalog.pg_class as owner
    on owner.relnamespace = 'public'::regnamespace and owner.relname = word.table_name
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = owner.oid and attribute.attname = word.column_name
  join pg_catalog.pg_constraint as rule
    on rule.conrelid = owner.oid and rule.contype = 'c' and rule.conkey = array[attribute.attnum]
  where pg_catalog.pg_get_constraintdef(rule.oid) not like '%''' || word.value || '''%';
  if wrong is not null then
    raise exception 'Cannot use the existing tables: %', wrong
      using hint = 'Let the check constraint allow these words, then push again.';
  end if;
end
$$;

-- Enums are given the words that they lack; nothing is retyped.
do $$
declare
  label record;
begin
  for label in
    select distinct
      pg_catalog.format_type(kind.oid, null) as type_name, word.value
    from (
      values
        ('leads', 'stage', 'new'), ('leads', 'stage', 'contacted'),
        ('leads', 'stage', 'visit_scheduled'), ('leads', 'stage', 'visit_done'),
        ('leads', 'stage', 'closed'), ('leads', 'stage', 'lost'),
        ('follow_ups', 'status', 'pending'), ('follow_ups', 'status', 'completed'),
        ('follow_ups', 'status', 'skipped'), ('follow_ups', 'status', 'failed'),
        ('follow_ups', 'status', 'cancelled'), ('follow_ups', 'channel', 'voice_call'),
        ('follow_ups', 'source', 'seed'), ('follow_ups', 'source', 'recall'),
        ('follow_ups', 'source', 'manual')
    ) as word (table_name, column_name, value)
    join pg_catalog.pg_class as owner
      on owner.relnamespace = 'public'::regnamespace and owner.relname = word.table_name
    join pg_catalog.pg_attribute as attribute
      on attribute.attrelid = owner.oid and attribute.attname = word.column_name
    join pg_catalog.pg_type as kind on kind.oid = attribute.atttypid and kind.typtype = 'e'
  loop
    execute format('alter type %s add value if not exists %L', label.type_name, label.value);
  end loop;
end
$$;

-- Where rows exist but the column that says whether, when or how to call does not, the defaults that
-- are added would mean "call everybody now". Then the engine starts paused.
do $$
declare
  missing text;
  has_rows boolean := false;
begin
  if to_regclass('public.leads') is not null then
    execute 'select exists (select from public.leads)' into has_rows;
  end if;
  select string_agg(format('%s.%s', needed.table_name, needed.column_name), ', ')
  into missing
  from (
    values
      ('leads', 'stage'), ('leads', 'call_date'), ('follow_ups', 'due_at'),
      ('follow_ups', 'channel'), ('follow_ups', 'status')
  ) as needed (table_name, column_name)
  where has_rows
    and to_regclass('public.' || needed.table_name) is not null
    and not exists (
      select
      from information_schema.columns as found
      where found.table_schema = 'public'
        and found.table_name = needed.table_name
        and found.column_name = needed.column_name
    );
  if missing is not null then
    update public.dispatch_settings as settings set paused = true where settings.id;
    raise warning 'Paused: the existing tables lack %, which are added with defaults. Look at who would be called (?dry_run=1), then set dispatch_settings.paused to false', missing;
  end if;
end
$$;
