import { AppError } from '@platen/chassis/http/app-error';
import type { DnConnectionRow } from './find.js';

/** @throws AppError dn_unavailable: somebody has paused it, the site refuses it, or it was never tested */
export function requireActive({ status }: Pick<DnConnectionRow, 'status'>): void {
  if (status === 'active') return;
  throw new AppError('dn_unavailable', `The connection is ${status}`, { extensions: { current: status } });
}
