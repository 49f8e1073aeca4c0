import { randomUUID } from 'node:crypto';
import type { Sample } from '@platen/chassis/testkit/security-table-attack';
import { dataContracts } from '@platen/schema/contracts/data/index';
import type { MockupPayload } from '@platen/schema/contracts/internal/mockups';
import { newImage } from './samples-catalog.js';
import type { DataSample, Victim } from './samples-data.js';
import { acme, acmePrint, mainStreet } from './world.js';

const { designs, mockups } = dataContracts.erp;

/** A design whose artwork is the picture of a product: what it shows makes no difference here. */
async function newPair(victim: Victim) {
  const image = await newImage(victim);
  const body = { code: `t-${randomUUID().slice(0, 13)}`, name: 'Acceptance crest', file_id: image.file_id };
  return { image, design: await victim.call(designs.create, { body }) };
}

export const mockupSamples = {
  [mockups.create.name]: async (victim: Victim): Promise<DataSample> => {
    const { image, design } = await newPair(victim);
    const body = { design_id: design.id, product_id: image.product_id, image_id: image.id };
    return { body, foreign: 'unknown_reference', ids: Object.values(body) };
  },
};

export const mockupWorkSamples = {
  'internal.mockups.input': async ({ victim }: { victim: Victim }): Promise<Sample> => {
    const { image, design } = await newPair(victim);
    const file = { file_id: image.file_id, sha256: design.hash ?? '', media_type: 'image/png' as const, byte_size: 70 };
    const payload: MockupPayload = {
      design_id: design.id,
      product_id: image.product_id,
      image_id: image.id,
      artwork: file,
      garment: file,
      placement: { x: 0.5, y: 0.5, width: 0.5, height: 0.5, rotation_degrees: 0 },
      blend: 'normal',
      output_width: 64,
      file_name: 'acceptance.png',
    };
    const job = await victim.newJob('running', { kind: 'mockup', payload });
    return {
      params: { tenant_id: acme.id, id: job.id, which: 'artwork' },
      query: { organization_id: acmePrint.id, workspace_id: mainStreet.id, owner: job.owner, attempt: '1' },
    };
  },
};
