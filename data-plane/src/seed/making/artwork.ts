import { createHash } from 'node:crypto';
import { keysOf } from '../../modules/files/index.js';
import type { SeedDesign } from '../designs.js';
import type { Owner, PlacedOrder, RowsByTable } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { seedId } from '../random.js';
import { ownedBy, stampsOf } from './plan.js';

/** Where the bytes of files go. */
export type StoreFile = (key: string, bytes: Buffer, mediaType: string) => Promise<void>;

export interface Artwork {
  readonly designId: string;
  readonly fileId: string;
  readonly key: string;
  readonly bytes: Buffer;
  readonly hash: string;
  readonly row: Row;
}

const inks = ['#111827', '#b91c1c', '#1d4ed8', '#15803d', '#a16207'] as const;
const mediaType = 'image/svg+xml';
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A drawing of the design in its size: its name under as many rings as it has colours. */
function draw({ name, colours, widthMm, heightMm }: SeedDesign): string {
  const rings = Array.from({ length: colours }, (_, index) => {
    const ink = inks[index % inks.length];
    return `<circle cx="50%" cy="42%" r="${36 - index * 6}%" fill="none" stroke="${ink}" stroke-width="6"/>`;
  });
  const text = `<text x="50%" y="92%" text-anchor="middle" font-family="sans-serif">${escaped(name)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm">${rings.join('')}${text}</svg>`;
}

/** Artwork of what is printed now, but of every eighth design: that one is still awaited. */
export function makeArtwork(
  owner: Owner,
  designs: readonly SeedDesign[],
  orders: readonly PlacedOrder[],
  at: Date,
): Artwork[] {
  const used = new Set(orders.flatMap(({ lines }) => lines.flatMap(({ designIds }) => designIds)));
  return designs
    .filter(({ id }, index) => used.has(id) && index % 8 !== 5)
    .map((design): Artwork => {
      const fileId = seedId(`${design.id}/artwork`, at.getTime());
      const { content: key } = keysOf(owner.tenantId, owner.organizationId, fileId);
      const bytes = Buffer.from(draw(design));
      const hash = createHash('sha256').update(bytes).digest('hex');
      const row = {
        ...ownedBy(owner, null),
        id: fileId,
        storage_key: key,
        file_name: `${design.code}.svg`,
        media_type: mediaType,
        byte_size: bytes.length,
        sha256: hash,
        image_width: null,
        image_height: null,
        thumbnail_key: null,
        owner_kind: 'design',
        owner_id: design.id,
        uploaded_by: owner.userId,
        deleted_at: null,
        ...stampsOf(at),
      };
      return { designId: design.id, fileId, key, bytes, hash, row };
    });
}

/** The bytes first, then the rows: a file that can be found has all of its bytes. */
export async function storeDrawings(
  store: StoreFile,
  drawings: readonly Pick<Artwork, 'key' | 'bytes'>[],
): Promise<void> {
  await Promise.all(drawings.map(({ key, bytes }) => store(key, bytes, mediaType)));
}

/** The designs' rows with their artwork. */
export function withArtwork(tables: RowsByTable, artwork: readonly Artwork[]): RowsByTable {
  const byDesign = new Map(artwork.map((each) => [each.designId, each]));
  return {
    // Designs refer to their files.
    erp_files: artwork.map(({ row }) => row),
    ...tables,
    erp_designs: (tables['erp_designs'] ?? []).map((row): Row => {
      const found = byDesign.get(String(row['id']));
      return { ...row, file_id: found?.fileId ?? null, hash: found?.hash ?? null };
    }),
  };
}
