import { createHash } from 'node:crypto';
import { type MockupPlacement, mockupLocations } from '@platen/schema/contracts/data/mockups';
import type { MockupPayload } from '@platen/schema/contracts/internal/mockups';

/** Of what the worker's composer makes of the same: another number, and nothing made before is taken for it. */
const composerVersion = 1;

type Placement = MockupPayload['placement'];

/** What is not said is the location's; who gives a width and no height has the width decide. */
export function placementOf({ location = 'front', rotation_degrees = 0, ...own }: MockupPlacement): Placement {
  const place = mockupLocations[location];
  const height = own.width === undefined ? place.height : 1;
  const turned = rotation_degrees % 360;
  return { ...place, height, ...own, rotation_degrees: turned < 0 ? turned + 360 : Math.abs(turned) };
}

/** Of everything that the picture depends on, and of nothing else. */
export function contentHashOf({ artwork, garment, placement, blend, output_width }: MockupPayload): string {
  const { x, y, width, height, rotation_degrees } = placement;
  const made = [composerVersion, artwork.sha256, garment.sha256, x, y, width, height, rotation_degrees, blend];
  return createHash('sha256')
    .update(JSON.stringify([...made, output_width]))
    .digest('hex');
}

/** Codes may hold a slash. */
export const fileNameOf = (productCode: string, designCode: string): string =>
  `${productCode}-${designCode}.png`.replaceAll('/', '-');
