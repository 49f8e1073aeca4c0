import type postgres from 'postgres';
import { v7 } from 'uuid';
import type { Masters } from './state.js';
import type { Call } from './world.js';

interface Place {
  readonly tenantId: string;
  readonly organizationId: string;
  readonly main: string;
  readonly harbor: string;
  readonly sql: postgres.Sql;
  readonly call: Call;
  readonly tolerancePercent: number;
}

/** What the shop sells, buys and works with: few of each, so that calls meet. */
export async function addMasters({ call, main, harbor, ...place }: Place): Promise<Masters> {
  const made = async (url: string, payload: object) => {
    const answer = await call('POST', `/api/erp${url}`, { payload, key: v7() });
    if (answer.status > 201) throw new Error(`${url}: ${answer.text}`);
    return answer.body;
  };
  const eur = (amount: string) => ({ amount, currency: 'EUR' });
  await made('/tax-rates', { tax_class: 'standard', name: 'VAT', rate_percent: '19', valid_from: '2020-01-01' });
  const prices = await made('/pricing/rule-sets', { code: 'prices', name: 'Prices', currency: 'EUR' });
  const base = { code: 'base', kind: 'base_price', conditions: {}, effect: { type: 'catalogue' } };
  await call('PUT', `/api/erp/pricing/rule-sets/${prices.id}/rules`, { payload: { rules: [base] } });
  await made(`/pricing/rule-sets/${prices.id}/publish`, {});
  const customer = (await made('/customers', { code: 'c1', name: 'Rowing Club' })).id;
  const supplier = (await made('/suppliers', { code: 's1', name: 'Blanks', currency: 'EUR' })).id;

  const products = [];
  const variants = [];
  for (const { code, kind, cents, sizes } of [
    { code: 'tee', kind: 'blank', cents: 499, sizes: ['s', 'm'] },
    { code: 'hoodie', kind: 'decorated', cents: 2_133, sizes: ['l'] },
    { code: 'digitizing', kind: 'service', cents: 3_500, sizes: ['once'] },
  ]) {
    const product = await made('/products', {
      code,
      name: code,
      kind,
      status: 'active',
      base_price: eur((cents / 100).toFixed(2)),
    });
    const ids: string[] = [];
    for (const size of sizes) {
      const body = { sku: `${code}-${size}`, option_values: { size } };
      const { id } = await made(`/products/${product.id}/variants`, body);
      ids.push(id);
      variants.push({ id, product: product.id, price: cents, isStocked: kind !== 'service' });
      const terms = { supplier_id: supplier, variant_id: id, cost: eur('1.25'), lead_days: 3 };
      if (kind !== 'service') await made('/supplier-variants', terms);
    }
    products.push({ id: product.id, variants: ids });
  }

  const own = { main, harbor, none: null };
  for (const [code, workspace, position, allow_negative] of [
    ['main', 'main', 1, false],
    ['main-rack', 'main', 0, true],
    ['harbor', 'harbor', 0, false],
    ['backroom', 'none', 0, false],
  ] as const) {
    await made('/stock/locations', { code, name: code, position, allow_negative, workspace_id: own[workspace] });
  }
  // The first that asks for stock makes the standard places.
  const counted = { location_id: v7(), lines: [{ variant_id: variants[0]?.id, counted: '0' }], reason: 'opening' };
  await call('POST', '/api/erp/stock/adjustments', { payload: counted, key: v7() });
  const locations = (await call('GET', '/api/erp/stock/locations?kind=internal')).body.items as LocationBody[];

  const designs = [];
  for (const code of ['logo', 'crest']) {
    const files = [await addArtwork(place), await addArtwork(place)];
    designs.push({ id: (await made('/designs', { code, name: code, file_id: files[0] })).id, files });
  }
  const stages = [];
  for (const stage of [
    { code: 'plan' },
    { code: 'press', wip_limit: 3, wip_policy: 'block', requires_artwork: true },
    { code: 'pack', wip_limit: 2, wip_policy: 'warn' },
  ]) {
    const position = stages.length;
    const { id } = await made('/production/stages', { name: stage.code, position, ...stage });
    stages.push({
      id,
      limit: stage.wip_limit ?? null,
      blocks: stage.wip_policy === 'block',
      needsArtwork: stage.requires_artwork ?? false,
    });
  }
  return {
    customer,
    supplier,
    locations: locations.sort(asTaken).map((location) => ({
      id: location.id,
      code: location.code,
      workspace: location.workspace_id,
      allowNegative: location.allow_negative,
    })),
    variants,
    products,
    stages,
    designs,
    tolerancePercent: place.tolerancePercent,
    cost: 125,
  };
}

interface LocationBody {
  readonly id: string;
  readonly code: string;
  readonly workspace_id: string | null;
  readonly position: number;
  readonly allow_negative: boolean;
}
/** A workspace's own before the organization's, then as they are arranged. */
const asTaken = (a: LocationBody, b: LocationBody): number =>
  Number(a.workspace_id === null) - Number(b.workspace_id === null) ||
  a.position - b.position ||
  (a.code < b.code ? -1 : 1);

/** A row as an upload leaves it. */
async function addArtwork(place: Pick<Place, 'sql' | 'tenantId' | 'organizationId'>): Promise<string> {
  const id = v7();
  await place.sql`insert into erp_files ${place.sql({
    tenant_id: place.tenantId,
    organization_id: place.organizationId,
    workspace_id: null,
    id,
    storage_key: id,
    file_name: 'artwork.png',
    media_type: 'image/png',
    byte_size: 3,
    sha256: hashOf(id),
    uploaded_by: v7(),
  })}`;
  return id;
}
export const hashOf = (fileId: string): string => fileId.replaceAll('-', '').repeat(2);
