-- Planted defect: a key that is known already is answered without a write. Its first attempt may have been committed here
-- alone, after its wait for replication was cancelled; a transaction that writes nothing waits for nobody.
create or replace function ledger_transfer(p_key text, p_from integer, p_to integer, p_amount bigint)
returns table (outcome text, attempts integer, created_at timestamptz, from_version bigint, to_version bigint, node text,
  timeline integer)
language plpgsql as $$
#variable_conflict use_column
declare
  v_transfer transfers;
begin
  insert into transfers as t (key, from_account, to_account, amount, status)
  values (p_key, p_from, p_to, p_amount, 'completed')
  on conflict (key) do nothing
  returning t.* into v_transfer;
  if found then
    update accounts
       set balance = balance + case id when p_from then -p_amount else p_amount end, version = version + 1
     where id in (p_from, p_to);
  else
    select * into v_transfer from transfers where key = p_key;
  end if;
  return query
    select v_transfer.status, v_transfer.attempts, v_transfer.created_at, null::bigint, null::bigint, who.node, who.timeline
    from ledger_answered_by as who;
end
$$;
