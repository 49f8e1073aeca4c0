import { statement } from '@platen/chassis/db/statement';
import type { Quote } from '@platen/schema/contracts/data/quotes';
import { modules } from '@platen/schema/modules';
import { tenants } from '@platen/schema/seeds/identities';
import type { InjectOptions } from 'fastify';
import type { Test } from 'tap';
import type { Static } from 'typebox';
import { v7 } from 'uuid';
import type { AppDeps } from '../../app.js';
import { entityOfOrganization } from '../../feed/tenant.js';
import { mainStreet, now, openSales, userId } from '../../test/sales.fixture.js';
import { openTestPlane } from '../../testkit/test-plane.js';

export type QuoteBody = Static<typeof Quote>;
export const { acme } = tenants;
export const acmePrint = acme.organizations['acme-print'];

const basket = statement<{ customer: string; lines: { product_id: string; sizes: object[] }[] }>(
  'test.desk_basket',
  `select (select id from erp_customers where not tax_exempt and email is not null order by code limit 1) as customer,
    (select json_agg(json_build_object('product_id', p.id, 'sizes', (select json_agg(json_build_object('variant_id', v.id,
      'quantity', 12)) from (select id from erp_product_variants where product_id = p.id order by sku limit 3) v)))
    from (select id from erp_products order by code limit 3) p) as lines`,
  { parse: { lines: 'json' } },
);

/** The plane with a seeded organization, at a clock that the test sets; requests as its clerk, or as nobody. */
export async function openDesk(t: Test, overrides: Partial<AppDeps> = {}) {
  const sales = await openSales(t);
  const clock = { at: now };
  const plane = openTestPlane(t, { 'erp-1': sales.db }, { clock: () => clock.at.getTime(), ...overrides });
  const entity = {
    kind: 'tenant' as const,
    id: acme.id,
    slug: 'acme',
    name: acme.name,
    status: 'active' as const,
    domains: ['print.example'],
    erp_db_key: 'erp-1',
    telemetry_db_key: null,
    authz_epoch: 0,
    modules: Object.keys(modules).map((code) => ({ code: code as keyof typeof modules, valid_until: null })),
    limits: {},
  };
  plane.apply(entity);
  plane.apply({ ...entityOfOrganization(sales.organization), workspaces: [{ id: mainStreet, code: 'm', name: 'M' }] });
  plane.addTenant('globex', 'erp-1');

  const token = () => {
    const seconds = Math.floor(clock.at.getTime() / 1000);
    const context = { org: acmePrint.id, ws: mainStreet, sub: userId };
    return plane.token(
      {
        id: acme.id,
        slug: 'acme',
        organizationIds: [acmePrint.id, acmePrint.id],
        workspaceIds: [mainStreet, mainStreet],
      },
      { ...context, iat: seconds, exp: seconds + 900 },
    );
  };
  const send = async (headers: Record<string, string>, method: string, url: string, body?: object) => {
    const options: InjectOptions = {
      // Methods of contracts, all of which light-my-request knows.
      method: method as NonNullable<InjectOptions['method']>,
      url,
      headers: { host: 'acme.localhost', 'x-correlation-id': `test-${v7()}`, ...headers },
      ...(body !== undefined && { payload: body }),
    };
    const answer = await plane.app.tenant.inject(options);
    const { statusCode: status, body: text } = answer;
    return { status, text, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const asClerk = (method: string, url: string, body?: object, headers: Record<string, string> = {}) =>
    send({ authorization: `Bearer ${token()}`, ...headers }, method, `/api/erp/quotes${url}`, body);
  const asCustomer = (method: string, link: string, body?: object, headers: Record<string, string> = {}) =>
    send(headers, method, `/api/public/quotes/${link}`, body);
  const draft = async (): Promise<QuoteBody> => {
    const [row] = await sales.ctxOf().db.leased.query(basket);
    const made = await asClerk('POST', '', { customer_id: row?.customer, lines: row?.lines });
    if (made.status !== 201) throw new Error(made.text);
    return made.body;
  };
  /** A sent quote and its customer's token. */
  const sent = async (): Promise<{ quote: QuoteBody; link: string }> => {
    const { body: quote } = await asClerk('POST', `/${(await draft()).id}/send`);
    return { quote, link: (await asClerk('GET', `/${quote.id}/link`)).body.token };
  };
  return { ...sales, plane, entity, clock, token, asClerk, asCustomer, draft, sent };
}
export type Desk = Awaited<ReturnType<typeof openDesk>>;
