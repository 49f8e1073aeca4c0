import { Type } from 'typebox';
import { contracts, requires } from '../../contract.js';
import { closed, Id, IdParams, literals, nullable, page, pageQuery, stamps } from '../shapes.js';
import { exportConsults } from './export-permissions.js';

/** What a file can be uploaded to. */
export const uploadOwnerKinds = ['product', 'design', 'customer', 'quote', 'order', 'organization'] as const;
export type UploadOwnerKind = (typeof uploadOwnerKinds)[number];
/** What a file can belong to: what a job made is the job's. */
export const fileOwnerKinds = [...uploadOwnerKinds, 'job'] as const;
export type FileOwnerKind = (typeof fileOwnerKinds)[number];

/** What an installation may allow at most (`FILE_MAX_BYTES`). */
export const largestFileBytes = 1024 * 1024 * 1024;

const Pixels = Type.Integer({ minimum: 1 });
export const StoredFile = closed({
  id: Id,
  /** As the uploader called it, without folders. */
  file_name: Type.String({ minLength: 1, maxLength: 200 }),
  media_type: Type.String({ description: 'By its content, whatever the upload said', examples: ['image/png'] }),
  byte_size: Type.Integer({ minimum: 0 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Of pictures, as they are looked at: after the rotation that a camera noted. */
  image_width: nullable(Pixels),
  image_height: nullable(Pixels),
  has_thumbnail: Type.Boolean(),
  owner_kind: nullable(literals(fileOwnerKinds)),
  owner_id: nullable(Id),
  uploaded_by: Id,
  ...stamps,
});

const owner = <const K extends readonly string[]>(kinds: K) => ({
  owner_kind: Type.Optional(literals(kinds)),
  owner_id: Type.Optional(Id),
});

export const files = contracts('erp.files', {
  upload: {
    method: 'POST',
    path: '/api/erp/files',
    access: requires('erp.file.write'),
    summary: 'Upload a file',
    description:
      'A form: `owner_kind` and `owner_id`, both or neither, then the part `file`. The type is told by the content: PNG, JPEG, WebP, GIF, TIFF, SVG, PDF, Illustrator, PostScript, Photoshop, DST, PES, EMB, CSV and ZIP are taken. The file belongs to the workspace of its owner; without an owner, to the workspace it was uploaded in.',
    body: closed(owner(uploadOwnerKinds)),
    upload: { mediaType: 'multipart/form-data', maxBytes: largestFileBytes },
    idempotency: 'exempt',
    status: 201,
    response: StoredFile,
    errors: ['file_type_unacceptable', 'limit_reached', 'unknown_reference', 'busy'],
  },
  list: {
    method: 'GET',
    path: '/api/erp/files',
    access: requires('erp.file.read'),
    summary: 'List files, newest first',
    query: closed({ ...pageQuery, ...owner(fileOwnerKinds) }),
    status: 200,
    response: page(StoredFile),
    paged: true,
  },
  get: {
    method: 'GET',
    path: '/api/erp/files/:id',
    access: requires('erp.file.read'),
    summary: 'Get what is known of a file',
    params: IdParams,
    status: 200,
    response: StoredFile,
  },
  content: {
    method: 'GET',
    path: '/api/erp/files/:id/content',
    access: requires('erp.file.read'),
    consults: exportConsults,
    summary: 'Download a file',
    description:
      'As an attachment, whatever its type. `thumbnail`: the small copy of a picture, a WebP of at most 320 × 320 pixels; 404 where there is none. Of an export, it takes the permissions to read what is in it.',
    params: IdParams,
    query: closed({ thumbnail: Type.Optional(Type.Boolean()) }),
    status: 200,
    response: Type.String({ description: 'The bytes' }),
    mediaType: 'application/octet-stream',
    download: true,
    navigable: true,
  },
  delete: {
    method: 'DELETE',
    path: '/api/erp/files/:id',
    access: requires('erp.file.delete'),
    summary: 'Delete a file',
    description: 'Refused while a design or a picture of a product refers to it.',
    params: IdParams,
    status: 204,
    errors: ['in_use'],
  },
});
