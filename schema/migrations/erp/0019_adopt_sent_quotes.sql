-- written by hand
-- Quotes that were sent before sending put an entry of due work. When their last day is over depends on the organization's
-- clock, which is not in this database: the entry comes due when the day is over anywhere, and is then put off by the hours
-- that are missing. The owner is under the policies as everybody is: not for this one statement.
alter table erp_quotes no force row level security;
alter table due_work no force row level security;
insert into due_work (tenant_id, id, organization_id, workspace_id, kind, ref_id, due_at)
select tenant_id, gen_random_uuid(), organization_id, workspace_id, 'quote_expiry', id,
  (valid_until + 1)::timestamp at time zone 'UTC' - interval '14 hours'
from erp_quotes where status = 'sent'
on conflict (tenant_id, kind, ref_id) do nothing;
alter table erp_quotes force row level security;
alter table due_work force row level security;
