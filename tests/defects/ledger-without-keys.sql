-- Planted defect: a key is only written down. A write that is repeated is done again.
alter table transfers drop constraint transfers_pkey;
create or replace function ledger_transfer(p_key text, p_from integer, p_to integer, p_amount bigint)
returns table (outcome text, attempts integer, created_at timestamptz, from_version bigint, to_version bigint, node text,
  timeline integer)
language plpgsql as $$
#variable_conflict use_column
begin
  update accounts
     set balance = balance + case id when p_from then -p_amount else p_amount end, version = version + 1
   where id in (p_from, p_to);
  insert into transfers (key, from_account, to_account, amount, status)
  values (p_key, p_from, p_to, p_amount, 'completed');
  return query
    select 'completed', 1, clock_timestamp(), null::bigint, null::bigint, who.node, who.timeline
    from ledger_answered_by as who;
end
$$;
