import { type Static, Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { dnRecordKinds } from '../../states/deconetwork.js';
import { closed, Id, literals, nullable, pageQuery, Timestamp } from '../shapes.js';
import { DnId, DnImportJob, DnImportRow, DnKinds } from './dn-shapes.js';

export const dnDriftOutcomes = ['differs', 'missing_here', 'missing_there', 'failed'] as const;

/** What one comparison found. */
export const DnDriftPage = closed({
  /** The newest comparison that came to its end; null: there was none. */
  comparison: nullable(DnImportJob),
  items: Type.Array(DnImportRow),
  next_cursor: nullable(Type.String()),
});
export type DnDriftPage = Static<typeof DnDriftPage>;

export const dnDrift = contracts('erp.dn.drift', {
  start: {
    method: 'POST',
    path: '/api/erp/dn/drift',
    access: requires('erp.dn_import.run'),
    summary: 'Compare what is here with a site',
    description:
      'A job that reads the site and changes nothing on either side. One job of a connection runs at a time; while one is open that reads, `in_use` names it.',
    body: closed({
      connection_id: Id,
      /** What to read; without it, what the connection synchronizes. */
      kinds: Type.Optional(DnKinds),
      /** Changed at the site since then; without it, everything. What is missing there is looked for among the same. */
      modified_from: Type.Optional(Timestamp),
    }),
    status: 201,
    response: DnImportJob,
    errors: ['unknown_reference', 'dn_unavailable', 'context_not_allowed', 'in_use', 'busy'],
  },
  list: {
    method: 'GET',
    path: '/api/erp/dn/drift',
    access: requires('erp.dn_import.read'),
    summary: 'List how both sides differed when they were last compared',
    description:
      '`before` is ours, `after` the site’s. `missing_here`: no record of ours stands for the site’s. `missing_there`: mapped, and the site does not have it any more. `differs` with an `error`: it could not be compared whole, for example because something that it names is not mapped. `failed`: the site’s record could not be read. What is the same has no row.',
    query: closed({
      ...pageQuery,
      connection_id: Id,
      outcome: Type.Optional(literals(dnDriftOutcomes)),
      kind: Type.Optional(literals(dnRecordKinds)),
      dn_id: Type.Optional(DnId),
    }),
    status: 200,
    response: DnDriftPage,
    paged: true,
  },
});
