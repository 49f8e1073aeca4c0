import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { AppError } from './app-error.js';
import { createPositionHider, type HiddenPositions } from './hidden-positions.js';

/** What a cursor belongs to: used elsewhere, or with other filters, it is refused rather than read as something else. */
export interface CursorUse {
  /** The contract's name. */
  readonly list: string;
  readonly tenantId: string;
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  /** Filters and sorts in a fixed order. */
  readonly filters?: readonly (string | number | boolean | null | undefined)[];
}

export interface Cursors {
  /** `key`: the sort columns of the last row shown. */
  encode(use: CursorUse, key: readonly string[]): string;
  /** @throws AppError invalid_cursor */
  decode(use: CursorUse, cursor: string): string[];
  /** Of a sequence that tenants share, as this tenant may see them. */
  positionsOf(tenantId: string, sequence: string): HiddenPositions;
}

/** 128 bits: guessing one is hopeless, and a cursor stays short enough for a URL. */
const macBytes = 16;

/** Opaque cursors: the key of a row, and an HMAC over it and its use. */
export function createCursors(secret: string | KeyObject): Cursors {
  const secretKey = typeof secret === 'string' ? createSecretKey(secret, 'utf8') : secret;
  const mac = (use: CursorUse, payload: string): Buffer =>
    createHmac('sha256', secretKey)
      .update(JSON.stringify([use.list, use.tenantId, use.organizationId, use.workspaceId, use.filters ?? [], payload]))
      .digest()
      .subarray(0, macBytes);
  const hiderOf = createPositionHider(secretKey);
  return {
    positionsOf: (tenantId, sequence) => hiderOf(`${tenantId} ${sequence}`),
    encode(use, key) {
      const payload = Buffer.from(JSON.stringify(key)).toString('base64url');
      return `${payload}.${mac(use, payload).toString('base64url')}`;
    },
    decode(use, cursor) {
      const [payload = '', signature = '', ...rest] = cursor.split('.');
      const given = Buffer.from(signature, 'base64url');
      if (rest.length > 0 || given.length !== macBytes || !timingSafeEqual(given, mac(use, payload))) {
        throw new AppError('invalid_cursor');
      }
      // Signed, so it is what `encode` wrote.
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as string[];
    },
  };
}
