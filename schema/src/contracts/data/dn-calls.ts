import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { dnCallKinds, dnCallStates } from '../../states/deconetwork.js';
import { closed, Id, IdParams, literals, page, pageQuery } from '../shapes.js';
import { DnCall } from './dn-shapes.js';

const callPath = '/api/erp/dn/calls/:id';

export const dnCalls = contracts('erp.dn.calls', {
  list: {
    method: 'GET',
    path: '/api/erp/dn/calls',
    access: requires('erp.dn_import.read'),
    summary: 'List what is written to DecoNetwork sites, newest first',
    description:
      'Each write is kept before it is sent, with what the site answered. `sent`: no answer came yet. A status or a level is sent again, up to eight times; a delivery is `failed` then, for somebody to look at the site.',
    query: closed({
      ...pageQuery,
      connection_id: Type.Optional(Id),
      state: Type.Optional(literals(dnCallStates)),
      kind: Type.Optional(literals(dnCallKinds)),
      /** Of one record: its map. */
      map_id: Type.Optional(Id),
    }),
    status: 200,
    response: page(DnCall),
    paged: true,
  },
  get: {
    method: 'GET',
    path: callPath,
    access: requires('erp.dn_import.read'),
    summary: 'Get a write to a site: what was sent, what was answered',
    params: IdParams,
    status: 200,
    response: DnCall,
    versioned: true,
  },
  retry: {
    method: 'POST',
    path: `${callPath}/retry`,
    access: requires('erp.dn_call.write'),
    summary: 'Have a failed write sent again',
    description:
      'With what stands here now: the levels of today, the lines of a delivery as they are mapped by now. A status that the site is past is dropped instead of sent. While the connection is not active it waits.',
    params: IdParams,
    status: 200,
    response: DnCall,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'context_not_allowed', 'unknown_reference', 'busy'],
  },
  drop: {
    method: 'POST',
    path: `${callPath}/drop`,
    access: requires('erp.dn_call.write'),
    summary: 'Give up a write that is pending or failed',
    description: 'The site is not told, and what it has by then stays there.',
    params: IdParams,
    status: 200,
    response: DnCall,
    versioned: true,
    errors: ['illegal_transition', 'version_mismatch', 'context_not_allowed'],
  },
});
