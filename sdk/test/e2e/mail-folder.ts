import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '@platen/chassis/testkit/until';
import type { Platform } from './platform.js';

/** The one mail to an address, as text. */
export async function mailTo(platform: Pick<Platform, 'dataDir'>, address: string): Promise<string> {
  const dir = path.join(platform.dataDir, 'mail');
  const find = async () => {
    const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.eml'));
    const mails = await Promise.all(names.map((name) => readFile(path.join(dir, name), 'utf8')));
    return mails.find((mail) => mail.includes(`To: ${address}`) || mail.includes(`<${address}>`));
  };
  // Quoted-printable (RFC 2045 section 6.7), as far as a link needs it.
  return ((await until(find, (mail) => mail !== undefined)) ?? '').replace(/=\r\n/g, '').replaceAll('=3D', '=');
}
