import t from 'tap';
import { checkOpenApi, runSecurityTable } from './security-run.js';
import { sharedPlatform } from './shared-platform.js';

const table = await runSecurityTable(await sharedPlatform(t, 'attacked'), ['platform']);

t.test('every contract is in its OpenAPI document', (t) => checkOpenApi(t, table, 'control', 'platform'));
