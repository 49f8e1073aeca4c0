import { type Static, Type } from 'typebox';
import { contracts } from '../../contract.js';
import { largestMockupPixels, mockupBlends, mockupMediaTypes } from '../data/mockups.js';
import { closed, Id, literals } from '../shapes.js';

const Fraction = Type.Number({ minimum: 0, maximum: 1 });
const Input = closed({
  file_id: Id,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  media_type: literals(mockupMediaTypes),
  byte_size: Type.Integer({ minimum: 0 }),
});

/** What a mockup was asked for with: nothing is left to be looked up but the bytes. */
export const MockupPayload = closed({
  design_id: Id,
  product_id: Id,
  image_id: Id,
  artwork: Input,
  garment: Input,
  placement: closed({
    x: Fraction,
    y: Fraction,
    width: Fraction,
    height: Fraction,
    /** 0 to less than 360. */
    rotation_degrees: Type.Number({ minimum: 0, maximum: 360 }),
  }),
  blend: literals(mockupBlends),
  output_width: Type.Integer({ minimum: 1, maximum: largestMockupPixels }),
  file_name: Type.String({ minLength: 5, maxLength: 200 }),
});
export type MockupPayload = Static<typeof MockupPayload>;

/** What is read for one: an upload may be larger. */
export const largestMockupInputBytes = 100 * 1024 * 1024;

export const mockupInputs = ['artwork', 'garment'] as const;
export type MockupInput = (typeof mockupInputs)[number];

export const mockups = contracts('internal.mockups', {
  input: {
    method: 'GET',
    path: '/internal/tenants/:tenant_id/jobs/:id/inputs/:which',
    access: { service: 'erp.job' },
    summary: 'Read what a mockup is made of',
    description: 'Nothing but the two files that the job names, and only as far as the job’s scope sees them.',
    params: closed({ tenant_id: Id, id: Id, which: literals(mockupInputs) }),
    query: closed({
      organization_id: Id,
      workspace_id: Type.Optional(Id),
      owner: Id,
      attempt: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    }),
    status: 200,
    response: Type.String({ description: 'The bytes' }),
    mediaType: 'application/octet-stream',
    errors: ['lease_lost'],
  },
});
