import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { dnMapKinds, dnMapStates, dnSuggestionKinds } from '../../states/deconetwork.js';
import { orderStatuses } from '../../states/order.js';
import { closed, Id, IdParams, literals, nullable, page, pageQuery, partial, Timestamp } from '../shapes.js';
import { Count, DnCall, DnId, DnImportRow, DnMap } from './dn-shapes.js';

/** Why a suggestion was not taken. */
export const dnSkipReasons = [
  'not_found',
  'not_in_review',
  'no_suggestion',
  'gone',
  'already_mapped',
  'ambiguous',
] as const;

/** One step of a record's way: what a job did with it, or what the site was told of it. */
export const DnStep = closed({
  id: Id,
  at: Timestamp,
  row: nullable(DnImportRow),
  call: nullable(DnCall),
});

const read = requires('erp.dn_import.read');
const write = requires('erp.dn_map.write');

export const dnMaps = contracts('erp.dn.maps', {
  list: {
    method: 'GET',
    path: '/api/erp/dn/maps',
    access: read,
    summary: 'List what records of sites are here, newest first',
    description: 'With `state=review`, what waits for somebody to say.',
    query: closed({
      ...pageQuery,
      connection_id: Type.Optional(Id),
      kind: Type.Optional(literals(dnMapKinds)),
      state: Type.Optional(literals(dnMapStates)),
      suggested_by: Type.Optional(literals(dnSuggestionKinds)),
      /** What it is here. */
      local_id: Type.Optional(Id),
      /** The beginning of the site's own id. */
      dn_id_prefix: Type.Optional(DnId),
    }),
    status: 200,
    response: page(DnMap),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/dn/maps/:id',
    access: read,
    summary: 'Get what a record of a site is here',
    params: IdParams,
    status: 200,
    response: DnMap,
    versioned: true,
    live: true,
  },
  trail: {
    method: 'GET',
    path: '/api/erp/dn/maps/:id/trail',
    access: read,
    summary: 'List what became of a record, newest first',
    description:
      'Rows of imports, whose detail has the record as it came, and what the site was told. Rows go with their job.',
    params: IdParams,
    query: closed(pageQuery),
    status: 200,
    response: page(DnStep),
    paged: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/dn/maps/:id',
    access: write,
    summary: 'Say what a record of a site is here',
    description:
      'One of the fields. `local_id` is the product, variant, customer, order or purchase order that it is; `local_code` what a status of the site means; `state` has it ignored, or put up for review again. What waited for this is tried again by a retry of its import.',
    params: IdParams,
    body: partial({ local_id: Id, local_code: literals(orderStatuses), state: literals(['ignored', 'review']) }),
    status: 200,
    response: DnMap,
    versioned: true,
    errors: ['unknown_reference', 'duplicate', 'version_mismatch', 'context_not_allowed'],
  },
  confirm: {
    method: 'POST',
    path: '/api/erp/dn/maps/confirm',
    access: write,
    summary: 'Take suggestions as they are',
    description:
      'Up to 1000 in one call; `remaining` says how many more there are. Two records that may be the same of ours are left for somebody to choose.',
    body: closed({
      connection_id: Id,
      kind: literals(dnMapKinds),
      /** Only suggestions that were found by one of these. */
      suggested_by: Type.Array(literals(dnSuggestionKinds), { minItems: 1, maxItems: 5, uniqueItems: true }),
      /** Only these; without it, all. */
      map_ids: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 1000, uniqueItems: true })),
    }),
    status: 200,
    response: closed({
      confirmed: Count,
      /** Up to 1000 of those that were not taken, and why. */
      skipped: Type.Array(closed({ map_id: Id, reason: literals(dnSkipReasons) })),
      remaining: Count,
    }),
    errors: ['unknown_reference', 'context_not_allowed', 'conflict'],
  },
  suggest: {
    method: 'POST',
    path: '/api/erp/dn/maps/suggest',
    access: write,
    summary: 'Look again for what records in review may be here',
    description: 'Up to 5000 in one call; `next` is where another goes on.',
    body: closed({ connection_id: Id, kind: Type.Optional(literals(dnMapKinds)), after: Type.Optional(Id) }),
    status: 200,
    response: closed({ looked_at: Count, suggested: Count, changed: Count, next: nullable(Id) }),
    errors: ['unknown_reference', 'context_not_allowed'],
  },
});
