import { readFileSync, writeFileSync } from 'node:fs';
import { endpointsPage, errorsPage, permissionsPage } from './reference.js';

// Writes the reference pages; with --check it only says which are stale.
const docs = new URL('../../docs/', import.meta.url);
const pages = { 'endpoints.md': endpointsPage(), 'errors.md': errorsPage(), 'permissions.md': permissionsPage() };

const read = (name: string): string => {
  try {
    return readFileSync(new URL(name, docs), 'utf8');
  } catch {
    return '';
  }
};

const stale = Object.entries(pages).filter(([name, text]) => read(name) !== text);
if (process.argv.includes('--check')) {
  for (const [name] of stale) process.stderr.write(`docs/${name} is stale: run npm run docs:generate\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [name, text] of stale) writeFileSync(new URL(name, docs), text);
}
