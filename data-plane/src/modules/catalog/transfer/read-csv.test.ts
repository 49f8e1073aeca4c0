import { Readable } from 'node:stream';
import t from 'tap';
import { readCsv } from './read-csv.js';

async function recordsOf(chunks: readonly Buffer[]): Promise<string[][]> {
  const records: string[][] = [];
  for await (const record of (await readCsv(Readable.from(chunks))).records) records.push(record);
  return records;
}

const rows = [
  ['Größe', 'Farbe', 'a "b"'],
  ['Ü', 'blå 👕', 'two\r\nlines'],
  ['', '東京', 'x'],
];
const csv = Buffer.from(
  `\ufeff${rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n')}\r\n`,
);

t.test('wherever a file is cut into pieces, inside letters, marks, quotes and line ends too', async (t) => {
  t.same(await recordsOf([csv]), rows);
  const different: number[] = [];
  for (let at = 1; at < csv.length; at += 1) {
    const records = await recordsOf([csv.subarray(0, at), csv.subarray(at)]);
    if (JSON.stringify(records) !== JSON.stringify(rows)) different.push(at);
  }
  t.same(different, []);
  t.same(await recordsOf(Array.from(csv, (byte) => Buffer.from([byte]))), rows, 'byte by byte');
});

t.test('half a letter at the end, or another encoding in pieces, is told', async (t) => {
  const cut = Buffer.concat([Buffer.from('style,sku\na,'), Buffer.from('👕').subarray(0, 2)]);
  await t.rejects(recordsOf([cut]), { code: 'malformed_body', detail: /not in UTF-8/ });
  const utf16 = Buffer.from('\ufeffstyle,sku\na,b', 'utf16le');
  await t.rejects(recordsOf([utf16.subarray(0, 1), utf16.subarray(1)]), { code: 'malformed_body', detail: /UTF-16/ });
});
