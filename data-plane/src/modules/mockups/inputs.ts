import type { Readable } from 'node:stream';
import { AppError } from '@platen/chassis/http/app-error';
import { createChecker } from '@platen/chassis/validation/checker';
import { type MockupInput, MockupPayload } from '@platen/schema/contracts/internal/mockups';
import type { StorageProvider } from '../../storage/storage.js';
import { findFileContent } from '../files/index.js';
import type { JobCall } from '../job-files/index.js';
import { findHeldJob } from '../jobs/index.js';

export type OpenMockupInput = (call: JobCall, which: MockupInput) => Promise<Readable>;

const payloads = createChecker(MockupPayload);

/** The bytes that a job in this attempt's hands is made of. @throws AppError not_found, lease_lost */
export const createOpenInput =
  ({ storage }: { readonly storage: StorageProvider }): OpenMockupInput =>
  async ({ db, id, holder }, which) => {
    const { kind, payload } = await findHeldJob(db, id, holder);
    if (kind !== 'mockup' || !payloads.check(payload)) throw new AppError('not_found');
    const file = await findFileContent(db, payload[which].file_id);
    const bytes = file && (await storage.get(file.storage_key));
    if (!bytes) throw new AppError('not_found', `The ${which} is not there any more`);
    return bytes;
  };
