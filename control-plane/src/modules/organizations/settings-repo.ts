import { jsonExpression, jsonSelect } from '@platen/chassis/db/json-select';
import { statement } from '@platen/chassis/db/statement';
import type { Queryable, Tx } from '@platen/chassis/db/types';
import { OrganizationSettings, type SettingsPatch } from '@platen/schema/contracts/control/organizations';
import type { Static } from 'typebox';

export type SettingsRow = Static<typeof OrganizationSettings>;
type Patch = Static<typeof SettingsPatch>;

const item = jsonSelect(OrganizationSettings, {
  organization_id: 't.organization_id',
  workspace_required: 't.workspace_required',
  currency: 't.currency',
  time_zone: 't.time_zone',
  locale: 't.locale',
  tax_rounding: 't.tax_rounding',
  quote_prefix: 't.quote_prefix',
  order_prefix: 't.order_prefix',
  purchase_order_prefix: 't.purchase_order_prefix',
  quote_valid_days: 't.quote_valid_days',
  receipt_tolerance_percent: 't.receipt_tolerance_percent::text',
  legal_name: 't.legal_name',
  address: jsonExpression('t.address'),
  tax_number: 't.tax_number',
  terms: 't.terms',
  logo_file_id: 't.logo_file_id',
  updated_at: 't.updated_at',
});
/** What the API changes, under the names of the columns. */
const columns =
  'workspace_required, currency, time_zone, locale, tax_rounding, quote_prefix, order_prefix, purchase_order_prefix, quote_valid_days, receipt_tolerance_percent, legal_name, address, tax_number, terms, logo_file_id';
const parse = { row: 'json' } as const;

const find = statement<{ row: SettingsRow }>(
  'organization_settings_find',
  `select ${item} as row from res_organization_settings t where t.tenant_id = $1 and t.organization_id = $2`,
  { parse },
);

export async function findSettings(db: Queryable, tenantId: string, organizationId: string) {
  const [found] = await db.query(find, [tenantId, organizationId]);
  return found?.row;
}

const findFirst = statement<{ row: SettingsRow }>(
  'organization_settings_find_first',
  `select ${item} as row from res_organization_settings t where t.tenant_id = $1 order by t.created_at, t.id limit 1`,
  { parse },
);

/** For a new organization: the ways of the tenant's first one; nothing of what its documents say. */
export async function settingsToBeginWith(db: Queryable, tenantId: string): Promise<Patch> {
  const [first] = await db.query(findFirst, [tenantId]);
  const { currency = 'EUR', time_zone = 'UTC', locale = 'en', tax_rounding = 'line' } = first?.row ?? {};
  return {
    workspace_required: false,
    currency,
    time_zone,
    locale,
    tax_rounding,
    quote_prefix: 'Q',
    order_prefix: 'SO',
    purchase_order_prefix: 'PO',
    quote_valid_days: 30,
    receipt_tolerance_percent: '0',
  };
}

const insert = statement<{ row: SettingsRow }>(
  'organization_settings_insert',
  `insert into res_organization_settings as t (tenant_id, id, organization_id, ${columns})
   select $1::uuid, $2::uuid, $3::uuid, ${columns} from jsonb_populate_record(null::res_organization_settings, $4::jsonb)
   returning ${item} as row`,
  { parse },
);

export async function insertSettings(
  tx: Tx,
  tenantId: string,
  given: { readonly id: string; readonly organizationId: string; readonly settings: Patch },
) {
  const [made] = await tx.query(insert, [tenantId, given.id, given.organizationId, JSON.stringify(given.settings)]);
  if (made === undefined) throw new Error('an insert answers its row');
  return made.row;
}

const update = statement<{ row: SettingsRow }>(
  'organization_settings_update',
  `update res_organization_settings t
   set (${columns}) = (select ${columns.replaceAll(/\w+/g, 'n.$&')} from jsonb_populate_record(t, $3::jsonb) n), updated_at = now()
   where t.tenant_id = $1 and t.organization_id = $2 returning ${item} as row`,
  { parse },
);

export async function updateSettings(tx: Tx, tenantId: string, organizationId: string, patch: Patch) {
  const [changed] = await tx.query(update, [tenantId, organizationId, JSON.stringify(patch)]);
  return changed?.row;
}
