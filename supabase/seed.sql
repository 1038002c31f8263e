-- Sample leads for a look around on a local project: never loaded by `supabase db push`. Doing it
-- again changes nothing. The numbers are ones that the regulators keep free for films and examples,
-- so that they belong to nobody.

-- One of the numbers below is written without its country code.
update public.dispatch_settings set default_country = 'US' where default_country is null;

insert into public.leads
  (id, customer_name, phone, stage, call_date, source, time_zone, raw_payload)
values
  -- These are called.
  ('00000000-0000-4000-8000-000000000001', 'Ana Flores', '+1 212 555 0142', 'new', null,
    'website', 'America/New_York', '{"campaign": "spring", "score": 7}'),
  ('00000000-0000-4000-8000-000000000002', 'Ben Carter', '(415) 555-0132', 'contacted', null,
    'website', 'America/Los_Angeles', '{}'),
  ('00000000-0000-4000-8000-000000000003', 'Siân O''Brien', '+44 20 7946 0958', 'visit_scheduled',
    null, 'fair', 'Europe/London', '{"notes": {"visit": "Thursday"}}'),
  ('00000000-0000-4000-8000-000000000004', 'Jürgen Groß', '0049 30 23125 123', 'new', null,
    'referral', 'Europe/Berlin', '{}'),
  ('00000000-0000-4000-8000-000000000005', 'Зоя Åkesson', '+46 70-174 06 05', 'new', null,
    'import', 'Europe/Stockholm', '{"dispatch": {"note": "kept"}, "tags": ["a", "b"]}'),
  ('00000000-0000-4000-8000-000000000006', '山田 花子', '+61 491 570 156', 'new', null,
    'website', 'Australia/Sydney', '{}'),
  ('00000000-0000-4000-8000-000000000007', null, '+33 1 99 00 12 34', 'new', null,
    'import', null, '{}'),
  -- One number under two leads, in two spellings: while one call is on, the other waits.
  ('00000000-0000-4000-8000-000000000008', 'Dana Reyes', '+1 (312) 555-0147', 'new', null,
    'website', 'America/Chicago', '{}'),
  ('00000000-0000-4000-8000-000000000009', 'D. Reyes', '312.555.0147', 'new', null,
    'fair', 'America/Chicago', '{}'),
  -- These are not called.
  ('00000000-0000-4000-8000-000000000010', 'Farid Haddad', '+1 202 555 0143', 'closed', null,
    'website', null, '{}'),
  ('00000000-0000-4000-8000-000000000011', 'Greta Lind', '+46 8 465 004 12', 'lost', null,
    'fair', null, '{}'),
  ('00000000-0000-4000-8000-000000000012', 'Hana Kovač', null, 'new', null, 'import', null, '{}'),
  ('00000000-0000-4000-8000-000000000013', 'Ivo Petrov', '   ', 'new', null, 'import', null, '{}'),
  ('00000000-0000-4000-8000-000000000014', 'Jo Bloggs', '+44 7700 9001', 'new', null,
    'import', null, '{}'),
  ('00000000-0000-4000-8000-000000000015', 'Kim Wu', '+1 646 555 0118', 'visit_done', null,
    'website', null, '{}'),
  ('00000000-0000-4000-8000-000000000016', 'Lea Martin', '+33 1 99 00 56 78', 'contacted',
    '2026-01-15 10:30:00+00', 'referral', 'Europe/Paris', '{}')
on conflict (id) do nothing;

-- Follow-ups that people and other programs have made.
insert into public.follow_ups
  (id, lead_id, due_at, channel, message, status, completed_at, source)
values
  -- Due, but their leads must not be called: closed by the run, with the reason.
  ('00000000-0000-4000-8000-000000000110', '00000000-0000-4000-8000-000000000010',
    '2026-01-10 09:00:00+00', 'voice_call', 'Ask how the move went', 'pending', null, 'manual'),
  ('00000000-0000-4000-8000-000000000112', '00000000-0000-4000-8000-000000000012',
    '2026-01-11 09:00:00+00', 'voice_call', 'First contact', 'pending', null, 'manual'),
  -- Not due yet.
  ('00000000-0000-4000-8000-000000000115', '00000000-0000-4000-8000-000000000015',
    now() + interval '30 days', 'voice_call', 'Ask what they thought of the visit', 'pending', null,
    'manual'),
  -- Of another channel: not ours to send.
  ('00000000-0000-4000-8000-000000000116', '00000000-0000-4000-8000-000000000016',
    '2026-01-16 09:00:00+00', 'whatsapp', 'Send the brochure', 'pending', null, 'manual'),
  -- Done.
  ('00000000-0000-4000-8000-000000000117', '00000000-0000-4000-8000-000000000016',
    '2026-01-15 10:00:00+00', 'voice_call', 'First contact', 'completed', '2026-01-15 10:30:00+00',
    'manual')
on conflict (id) do nothing;
