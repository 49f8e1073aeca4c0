import { writeFileSync } from 'node:fs';
import { databases } from '../databases.js';
import { erdPath, renderErd } from './erd.js';

/** `npm run docs:erd -w schema` */
writeFileSync(erdPath, renderErd(Object.values(databases)));
