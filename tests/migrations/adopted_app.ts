import type { Sql } from "../../supabase/local/postgres/connect.ts";

/**
 * The tables of a team that has worked for years without Call Dispatch: enums, plain timestamps, columns
 * without defaults, triggers of its own, other channels, and row level security for its staff.
 */
export const APP_SCHEMA = `
  create type public.lead_stage as enum
    ('new', 'contacted', 'visit_scheduled', 'visit_done', 'negotiation', 'closed', 'lost');
  create type public.follow_up_status as enum ('pending', 'completed', 'snoozed');
  create type public.follow_up_channel as enum ('whatsapp', 'email', 'voice_call');

  create table public.leads (
    id uuid primary key default gen_random_uuid(),
    customer_name varchar(80) not null,
    phone varchar(20),
    stage public.lead_stage not null default 'new',
    call_date timestamp,
    owner text not null default 'desk',
    budget numeric(12, 2),
    updated_at timestamp not null,
    raw_payload jsonb
  );
  create table public.follow_ups (
    id uuid primary key default gen_random_uuid(),
    lead_id uuid not null references public.leads on delete cascade,
    due_at timestamp not null,
    channel public.follow_up_channel not null,
    status public.follow_up_status not null default 'pending',
    completed_at timestamp,
    note text,
    created_at timestamp not null,
    updated_at timestamp not null
  );
  create table public.audit (
    at timestamptz not null default clock_timestamp(), relation name, row_id uuid
  );

  create function public.touch() returns trigger language plpgsql as $$
  begin
    new.updated_at := now();
    return new;
  end $$;
  create trigger touch before update on public.leads
    for each row execute function public.touch();
  create trigger touch before update on public.follow_ups
    for each row execute function public.touch();

  create function public.audit_row() returns trigger language plpgsql security definer as $$
  begin
    insert into public.audit (relation, row_id) values (tg_relname, new.id);
    return null;
  end $$;
  create trigger audit_row after insert or update on public.leads
    for each row execute function public.audit_row();
  create trigger audit_row after insert or update on public.follow_ups
    for each row execute function public.audit_row();

  alter table public.leads enable row level security;
  create policy staff on public.leads to authenticated using (true) with check (true);
  grant select, insert, update on public.leads, public.follow_ups to authenticated;
`;

/** The app, as it goes on working; every write of it is remembered. */
export interface App {
  /** The numbers of the leads that it has brought so far. */
  readonly numbers: string[];
  /** What its webhook wrote last into each lead's raw_payload, by the lead's id. */
  readonly written: Map<string, number>;
  stop(): Promise<void>;
}

/**
 * The app brings leads, edits names, works off its own channel, and its webhook writes raw_payload
 * whole, again and again, until it is stopped. It writes as the role of its staff.
 */
export function startApp(sql: Sql, nextNumber: () => string): App {
  const numbers: string[] = [];
  const written = new Map<string, number>();
  let stopped = false;
  const work = (async () => {
    for (let turn = 1; !stopped; turn += 1) {
      if (turn % 4 === 0) numbers.push(await insertLead(sql, nextNumber()));
      await sql`
        update public.leads set customer_name = ${`Edited ${turn}`}
        where id in (select id from public.leads order by random() limit 2)`;
      const rows = await sql<{ id: string }[]>`
        update public.leads set raw_payload = jsonb_build_object('webhook', ${turn}::int)
        where id in (select id from public.leads order by random() limit 3)
        returning id`;
      for (const { id } of rows) written.set(id, turn);
      await sql`
        update public.follow_ups set status = 'completed', completed_at = now(), note = 'sent'
        where id in (
          select id from public.follow_ups where channel = 'whatsapp' and status = 'pending' limit 1
        )`;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    numbers,
    written,
    async stop() {
      stopped = true;
      await work;
    },
  };
}

async function insertLead(sql: Sql, phone: string): Promise<string> {
  await sql.begin(async (transaction) => {
    await transaction`set local role authenticated`;
    await transaction`
      insert into public.leads (customer_name, phone, updated_at) values ('Brought', ${phone}, now())`;
  });
  return phone;
}
