import { createHash } from 'node:crypto';
import { keysOf } from '../../modules/files/index.js';
import type { SeedCatalogue, SeedProduct } from '../catalogue.js';
import type { Owner } from '../document-rows.js';
import type { Row } from '../insert-rows.js';
import { seedId } from '../random.js';
import { ownedBy, stampsOf } from './plan.js';

/** A picture of a product from the front, to put artwork on. */
export interface GarmentPicture {
  readonly key: string;
  readonly bytes: Buffer;
  readonly file: Row;
  readonly image: Row;
}

const cloths = ['#f3f4f6', '#1f2937', '#dbeafe', '#fde68a', '#d1fae5', '#fecaca'] as const;
const body =
  'M330 110 L215 160 L70 330 L185 420 L245 355 L245 900 L755 900 L755 355 L815 420 L930 330 L785 160 L670 110 Q500 230 330 110 Z';

const draw = (cloth: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="1000" viewBox="0 0 1000 1000"><rect width="1000" height="1000" fill="#fff"/><path d="${body}" fill="${cloth}" stroke="#6b7280" stroke-width="6" stroke-linejoin="round"/><path d="M345 122 Q500 275 655 122 M245 355 L245 420 M755 355 L755 420" fill="none" stroke="#6b7280" stroke-width="4"/></svg>`;

/** Of the shop's shirts, each on cloth of another colour. */
export function makeGarmentPictures(owner: Owner, { categories, products }: SeedCatalogue, at: Date): GarmentPicture[] {
  const shirts = products.filter(({ categoryId }) => categoryId === categories[0]?.id);
  return shirts.map((product, index) => pictureOf(owner, product, draw(cloths[index % cloths.length] ?? ''), at));
}

function pictureOf(owner: Owner, product: SeedProduct, drawing: string, at: Date): GarmentPicture {
  const fileId = seedId(`${product.id}/picture`, at.getTime());
  const { content: key } = keysOf(owner.tenantId, owner.organizationId, fileId);
  const bytes = Buffer.from(drawing);
  const file = {
    ...ownedBy(owner, null),
    id: fileId,
    storage_key: key,
    file_name: `${product.code}.svg`,
    media_type: 'image/svg+xml',
    byte_size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    image_width: null,
    image_height: null,
    thumbnail_key: null,
    owner_kind: 'product',
    owner_id: product.id,
    uploaded_by: owner.userId,
    deleted_at: null,
    ...stampsOf(at),
  };
  const image = {
    ...ownedBy(owner, null),
    id: seedId(`${product.id}/image`, at.getTime()),
    product_id: product.id,
    file_id: fileId,
    position: 0,
    alt: `${product.name} from the front`,
    version: 1,
    ...stampsOf(at),
  };
  return { key, bytes, file, image };
}
