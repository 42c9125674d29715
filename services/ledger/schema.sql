-- The ledger's contract with its database. Every replica tries to apply this at start-up (see database/schema.ts);
-- whichever gets there first does, inside one transaction and under an advisory lock.
--
-- Invariant: sum(accounts.balance) = sum(accounts.opening), at every moment and on every node.

create table if not exists accounts (
  id integer primary key,
  balance bigint not null check (balance >= 0),
  opening bigint not null
) with (fillfactor = 50); -- room in each page, so that a changed balance needs no new index entry

-- How often the balance was changed: raised in the transaction that changes it, so that whoever sees a version sees what
-- made it. A constant default is stored once for the whole table, and takes no time.
alter table accounts add column if not exists version bigint not null default 0;

create table if not exists transfers (
  key text collate "C" primary key,
  from_account integer not null,
  to_account integer not null,
  amount bigint not null check (amount > 0),
  -- No foreign keys: a transfer that names an unknown account is stored as declined, so that its key, too, keeps its answer.
  status text not null check (status in ('completed', 'insufficient_funds', 'unknown_account')),
  -- How often this key was presented, whether or not the answer reached the client.
  attempts integer not null default 1,
  created_at timestamptz not null default clock_timestamp()
) with (fillfactor = 90);

insert into accounts (id, balance, opening)
select id, 1000000, 1000000 from generate_series(1, 1000) as id
on conflict do nothing;

-- Which database node answers, and on which timeline. `blackstart.node` is a setting that each node's configuration gives.
-- On a replica the timeline is null unless the role may read statistics (pg_read_all_stats) and WAL is being received.
create or replace view ledger_answered_by as
select
  nullif(current_setting('blackstart.node', true), '') as node,
  case
    when pg_is_in_recovery() then (select received_tli from pg_stat_wal_receiver)
    -- The name of a WAL segment begins with its timeline: 8 hexadecimal digits.
    else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
  end as timeline;

-- One transfer in one round trip. Called as one autocommit statement.
--
-- Calling it again with the same key has no further effect on the accounts and answers the same, but it does write: the
-- commit of a retry must wait for synchronous replication just as the first one, because the first one's wait may have
-- been cancelled and its client never told.
--
-- The versions are those of both accounts once it has committed: those that it made, or, when the key was presented before,
-- those that it found. In either case they are replicated before the answer.
--
-- A function's columns cannot be changed in place. Replicas of an older version go on with the new one: they name the columns
-- that they want.
drop function if exists ledger_transfer(text, integer, integer, bigint);
create function ledger_transfer(p_key text, p_from integer, p_to integer, p_amount bigint)
returns table (outcome text, attempts integer, created_at timestamptz, from_version bigint, to_version bigint, node text,
  timeline integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v_known integer;
  v_funds bigint;
  v_from_version bigint;
  v_to_version bigint;
  v_transfer transfers;
begin
  -- Always locked in the order of their ids, and before the transfer's key: two transfers can wait for each other, but
  -- never in a circle.
  select count(*), max(balance) filter (where id = p_from), max(version) filter (where id = p_from),
      max(version) filter (where id = p_to)
    into v_known, v_funds, v_from_version, v_to_version
    from (select id, balance, version from accounts where id in (p_from, p_to) order by id for no key update) as locked;

  insert into transfers as t (key, from_account, to_account, amount, status)
  values (p_key, p_from, p_to, p_amount, case
    when v_known < 2 then 'unknown_account'
    when v_funds < p_amount then 'insufficient_funds'
    else 'completed'
  end)
  on conflict (key) do update set attempts = t.attempts + 1
  returning t.* into v_transfer;

  -- The first attempt is the one that inserted the row, and the only one that moves money.
  if v_transfer.attempts = 1 and v_transfer.status = 'completed' then
    update accounts
       set balance = balance + case id when p_from then -p_amount else p_amount end, version = version + 1
     where id in (p_from, p_to);
    v_from_version := v_from_version + 1;
    v_to_version := v_to_version + 1;
  end if;

  return query
    select case
        when (v_transfer.from_account, v_transfer.to_account, v_transfer.amount) is distinct from (p_from, p_to, p_amount)
        then 'key_reused'
        else v_transfer.status
      end,
      v_transfer.attempts, v_transfer.created_at, v_from_version, v_to_version, who.node, who.timeline
    from ledger_answered_by as who;
end
$$;

-- What each replica reads before it answers clients, where it is told to (POLICIES). One is read at a time, each in 50 ms,
-- whoever asks: as of a store that has enough for one client that starts and not for all of them at once.
create table if not exists policies (id integer primary key);
create or replace function ledger_read_policy(p_id integer) returns boolean language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(7204551931);
  perform pg_sleep(0.05);
  return exists (select from policies where id = p_id);
end
$$;

-- Whether this node has everything up to a position that an earlier answer named; the primary always has.
create or replace function ledger_reached(p_after pg_lsn) returns boolean language sql volatile as $$
  select p_after is null or not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= p_after
$$;

-- Reads look at the position first, in a statement of its own: the snapshot that they read from must be the younger of the two.
drop function if exists ledger_find_account(integer, pg_lsn);
create function ledger_find_account(p_id integer, p_after pg_lsn)
returns table (reached boolean, id integer, balance bigint, opening bigint, version bigint, node text, timeline integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  v_reached boolean := ledger_reached(p_after);
begin
  -- The left join gives one row in any case, so that also a "not found" names the node that said so.
  return query select v_reached, a.id, a.balance, a.opening, a.version, who.node, who.timeline
    from ledger_answered_by as who left join accounts as a on a.id = p_id;
end
$$;

create or replace function ledger_find_transfer(p_key text, p_after pg_lsn)
returns table (reached boolean, key text, from_account integer, to_account integer, amount bigint, status text, attempts integer,
  created_at timestamptz, node text, timeline integer)
language plpgsql volatile as $$
#variable_conflict use_column
declare
  v_reached boolean := ledger_reached(p_after);
begin
  return query select v_reached, t.key, t.from_account, t.to_account, t.amount, t.status, t.attempts, t.created_at, who.node, who.timeline
    from ledger_answered_by as who left join transfers as t on t.key = p_key;
end
$$;
