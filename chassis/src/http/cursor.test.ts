import t from 'tap';
import { createCursors } from './cursor.js';

const use = { list: 'erp.things.list', tenantId: 'a', organizationId: 'b', workspaceId: null, filters: ['open', null] };
const cursors = createCursors('a secret of this test');
const cursor = cursors.encode(use, ['2026-01-01', 'ü"x']);

t.same(cursors.decode(use, cursor), ['2026-01-01', 'ü"x'], 'reads back what it wrote');
t.match(cursor, /^[\w-]+\.[\w-]+$/, 'fits a URL as it is');

const refused = (name: string, read: () => unknown) => t.throws(read, { code: 'invalid_cursor' }, name);
const [payload, signature] = cursor.split('.');
const forged = Buffer.from('["2027-01-01","x"]').toString('base64url');
refused('another list', () => cursors.decode({ ...use, list: 'erp.others.list' }, cursor));
refused('another tenant', () => cursors.decode({ ...use, tenantId: 'z' }, cursor));
refused('another organization', () => cursors.decode({ ...use, organizationId: 'z' }, cursor));
refused('another workspace', () => cursors.decode({ ...use, workspaceId: 'z' }, cursor));
refused('other filters', () => cursors.decode({ ...use, filters: ['closed', null] }, cursor));
refused('another secret', () => createCursors('another secret').decode(use, cursor));
refused('a forged key', () => cursors.decode(use, `${forged}.${signature}`));
refused('a cut signature', () => cursors.decode(use, cursor.slice(0, -4)));
refused('no signature', () => cursors.decode(use, payload ?? ''));
refused('anything else', () => cursors.decode(use, 'x'));
