import t from 'tap';
import { v7 } from 'uuid';
import { sha256 } from '../pricing/index.js';
import { createQuoteLinks, parseToken, sameHash } from './links.js';

const settings = { secret: 'a secret of sixteen', baseDomain: 'platen.example', devPort: 4001, production: true };
const links = createQuoteLinks(settings);
const quote = { tenantId: v7(), organizationId: v7(), id: v7() };
const token = links.tokenOf(quote);

t.same(parseToken(token), { organizationId: quote.organizationId, secretHash: links.hashOf(quote) });
t.equal(links.tokenOf({ ...quote }), token, 'made again whenever it is wanted');
t.equal(sha256(token.split('.')[1] ?? ''), links.hashOf(quote));
const others = [
  { ...quote, tenantId: v7() },
  { ...quote, organizationId: v7() },
  { ...quote, id: v7() },
];
const hashes = [...others.map(links.hashOf), createQuoteLinks({ ...settings, secret: 'another secret' }).hashOf(quote)];
t.equal(new Set([links.hashOf(quote), ...hashes]).size, 5, 'of one quote of one tenant in one installation');
for (const wrong of ['', '.', token.slice(1), `${token}=`, token.replace('.', ':'), ` ${token}`, `${token}\n`]) {
  t.equal(parseToken(wrong), null, JSON.stringify(wrong));
}
t.ok(sameHash('ab', 'ab'));
t.notOk(sameHash('ab', 'ac'));
t.notOk(sameHash('ab', 'abc'));

const store = { id: v7(), domain: 'shop.example', organizationId: quote.organizationId, workspaceId: null };
const tenant = { slug: 'acme', primaryDomain: null, stores: [store] };
t.equal(links.urlOf(tenant, null, 'x'), 'https://acme.platen.example/quote#token=x');
t.equal(links.urlOf({ ...tenant, primaryDomain: 'print.example' }, null, 'x'), 'https://print.example/quote#token=x');
t.equal(links.urlOf(tenant, store.id, 'x'), 'https://shop.example/quote#token=x');
t.equal(links.urlOf(tenant, v7(), 'x'), 'https://acme.platen.example/quote#token=x', 'a storefront that is gone');
t.equal(
  createQuoteLinks({ ...settings, production: false }).urlOf(tenant, null, 'x'),
  'http://acme.platen.example:4001/quote#token=x',
);
