import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const program = findChromium();

/** For tap's `skip`: false where there is one. */
export const chromiumIsMissing: string | false = program === undefined && 'no chromium on the PATH';

/** Headless. Whoever calls it closes it. */
export function startChromium(): Promise<Browser> {
  if (program === undefined) throw new Error('There is no chromium on the PATH');
  // Its sandbox does not work for root, who runs CI's containers.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: program,
    args: ['--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : [])],
  });
}
