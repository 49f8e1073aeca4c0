import { standardStages } from '../../modules/production/index.js';
import type { Row } from '../insert-rows.js';
import { seedId } from '../random.js';
import { type Maker, ownedBy, stampsOf } from './plan.js';

export interface Stage {
  readonly id: string;
  readonly code: string;
  /** Open jobs of one workspace. */
  readonly wipLimit: number | null;
  readonly row: Row;
}

/** What the shop has learnt of its presses: the one takes no more, the other says so. */
const limits: Readonly<Record<string, readonly [limit: number, policy: 'warn' | 'block']>> = {
  press: [12, 'block'],
  quality: [8, 'warn'],
};

/** The stages that every shop begins with, from left to right. */
export const makeStages = (maker: Maker, at: Date): Stage[] =>
  standardStages.map(([code, name], index): Stage => {
    const id = seedId(`${maker.name}/stage/${code}`, at.getTime(), index);
    const [wipLimit = null, wip_policy = 'warn'] = limits[code] ?? [];
    const place = { id, code, name, position: (index + 1) * 10, wip_limit: wipLimit, wip_policy };
    const row = { ...ownedBy(maker, null), ...place, requires_artwork: index > 0, version: 1, ...stampsOf(at) };
    return { id, code, wipLimit, row };
  });
