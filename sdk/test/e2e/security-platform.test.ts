import t from 'tap';
import { checkOpenApi, runSecurityTable } from './security-run.js';

const table = await runSecurityTable(['platform']);

t.test('every contract is in its OpenAPI document', (t) => checkOpenApi(t, table, 'control', 'platform'));
