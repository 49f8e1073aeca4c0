import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { Code, closed, Id, IdParams, Name, nullable, page, pageQuery, partial, stamps, Version } from '../shapes.js';

const Colours = Type.Integer({ minimum: 1, maximum: 24, description: 'Of a print, one screen each' });
const Stitches = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const Millimetres = Type.Integer({ minimum: 1, maximum: 100_000 });

export const Design = closed({
  id: Id,
  code: Code,
  name: Name,
  customer_id: nullable(Id),
  file_id: nullable(Id),
  colours: nullable(Colours),
  stitches: nullable(Stitches),
  width_mm: nullable(Millimetres),
  height_mm: nullable(Millimetres),
  hash: nullable(
    Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the file: what is approved and printed' }),
  ),
  version: Version,
  ...stamps,
});
const fields = {
  code: Code,
  name: Name,
  customer_id: Type.Optional({ ...nullable(Id), description: 'null: the shop’s own' }),
  file_id: Type.Optional({ ...nullable(Id), description: 'The artwork; null: still to come' }),
  colours: Type.Optional(nullable(Colours)),
  stitches: Type.Optional(nullable(Stitches)),
  width_mm: Type.Optional(nullable(Millimetres)),
  height_mm: Type.Optional(nullable(Millimetres)),
};

export const designs = contracts('erp.designs', {
  list: {
    method: 'GET',
    path: '/api/erp/designs',
    access: requires('erp.design.read'),
    summary: 'List designs, newest first',
    query: closed({
      ...pageQuery,
      customer_id: Type.Optional(Id),
      code_prefix: Type.Optional({ ...Code, description: 'Lists in the order of the codes then' }),
    }),
    status: 200,
    response: page(Design),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/designs/:id',
    access: requires('erp.design.read'),
    summary: 'Get a design',
    params: IdParams,
    status: 200,
    response: Design,
    versioned: true,
  },
  create: {
    method: 'POST',
    path: '/api/erp/designs',
    access: requires('erp.design.write'),
    summary: 'Create a design',
    body: closed(fields),
    status: 201,
    response: Design,
    versioned: true,
    errors: ['duplicate', 'unknown_reference'],
  },
  update: {
    method: 'PATCH',
    path: '/api/erp/designs/:id',
    access: requires('erp.design.write'),
    summary: 'Change a design',
    params: IdParams,
    body: partial(fields),
    status: 200,
    response: Design,
    versioned: true,
    errors: ['duplicate', 'unknown_reference', 'version_mismatch'],
  },
});
