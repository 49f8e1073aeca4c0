import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { dnConflictRules, dnConnectionStatuses } from '../../states/deconetwork.js';
import { Currency, closed, IdParams, literals, Name, page, pageQuery, partial } from '../shapes.js';
import { DnConnection, DnCreateMissing, DnFieldMap, DnKinds, DnSyncEvery, DnWriteBack } from './dn-shapes.js';

const access = {
  name: Name,
  site_url: Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'https, and nothing after the host',
    examples: ['https://print-shop.example.com'],
  }),
  username: Type.String({ minLength: 1, maxLength: 254, pattern: '\\S', examples: ['api@print-shop.example.com'] }),
  password: Type.String({ minLength: 1, maxLength: 500, examples: ['the password of that user'] }),
};
const options = {
  /** Of every amount there: its records name none. Without it, the organization's. */
  currency: Type.Optional(Currency),
  /** What a synchronization reads. */
  kinds: Type.Optional(DnKinds),
  /** Made here when it is nowhere, rather than put up for review. */
  create_missing: Type.Optional(DnCreateMissing),
  conflict_rule: Type.Optional(literals(dnConflictRules)),
  /** Without it, nothing is ever written to the site. */
  write_back: Type.Optional(partial(DnWriteBack.properties)),
  /** null: only when somebody asks. */
  sync_every_minutes: Type.Optional(DnSyncEvery),
  /** Numbers stand as they are given; the test of the connection finds out those that are left out. */
  field_map: Type.Optional(DnFieldMap),
};
const read = requires('erp.dn_connection.read');
const write = requires('erp.dn_connection.write');
const own = { params: IdParams, status: 200, response: DnConnection, versioned: true } as const;
const elsewhere = 'context_not_allowed';

export const dnConnections = contracts('erp.dn.connections', {
  list: {
    method: 'GET',
    path: '/api/erp/dn/connections',
    access: read,
    summary: 'List connections to DecoNetwork sites, newest first',
    query: closed({ ...pageQuery, status: Type.Optional(literals(dnConnectionStatuses)) }),
    status: 200,
    response: page(DnConnection),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/dn/connections/:id',
    access: read,
    summary: 'Get a connection to a site',
    description: 'The user name and the password are never shown again.',
    ...own,
    live: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/dn/connections',
    access: write,
    summary: 'Connect a DecoNetwork site',
    description:
      'It belongs to the workspace of the context, and so does what it brings. It is tested at once, and active when the test succeeds. Its statuses 1 to 4 are mapped to `confirmed`, `ready`, `shipped` and `cancelled`.',
    body: closed({ ...access, ...options }),
    status: 201,
    response: DnConnection,
    versioned: true,
    errors: ['duplicate', 'site_url_unacceptable', 'busy'],
    // A repeat is a duplicate, and nothing is kept that the password could be guessed from.
    idempotency: 'exempt',
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/dn/connections/:id',
    access: write,
    summary: 'Change a connection',
    description:
      'Another address, user name or password is tested at once, and nothing else is done at the site until that succeeds. Another address is the same site by another name, and needs user name and password with it: maps and how far was read stay, numbers of search fields that are not given are found anew. Another site is another connection.',
    ...own,
    body: partial({ ...access, ...options }),
    errors: ['duplicate', 'site_url_unacceptable', 'version_mismatch', elsewhere, 'busy'],
  },
  test: {
    method: 'POST',
    path: '/api/erp/dn/connections/:id/test',
    access: write,
    summary: 'Test a connection',
    description: 'A job; what it came to is `last_test`. One that was rejected is active again when the test succeeds.',
    ...own,
    errors: ['version_mismatch', 'illegal_transition', elsewhere, 'busy'],
  },
  pause: {
    method: 'POST',
    path: '/api/erp/dn/connections/:id/pause',
    access: write,
    summary: 'Stop calling a site',
    description: 'A job that is at it ends when it next reports; those that wait fail.',
    ...own,
    errors: ['version_mismatch', 'illegal_transition', elsewhere],
  },
  resume: {
    method: 'POST',
    path: '/api/erp/dn/connections/:id/resume',
    access: write,
    summary: 'Call a site again, once a test of it succeeds',
    ...own,
    errors: ['version_mismatch', 'illegal_transition', elsewhere, 'busy'],
  },
  delete: {
    method: 'DELETE',
    path: '/api/erp/dn/connections/:id',
    access: write,
    summary: 'Forget a site',
    description:
      'With its maps, imports and calls; what was imported stays, and can’t be undone any more. Not while a job of it is open.',
    params: IdParams,
    status: 204,
    errors: ['version_mismatch', 'in_use', elsewhere],
  },
});
