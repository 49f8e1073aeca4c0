import t from 'tap';
import { csvCell, plainCell, safeCell } from './cells.js';

t.test('what a spreadsheet may take for a formula is text, and comes back as it was', async (t) => {
  for (const first of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', "'=", "''＝"]) {
    const text = `${first}1+1`;
    t.equal(safeCell(text), `'${text}`, JSON.stringify(text));
    t.equal(plainCell(safeCell(text)), text);
  }
  for (const text of ["O'Neil", "'80s", '1-2', 'a=b', '']) t.equal(plainCell(safeCell(text)), text);
});

t.test('separators, quotes and line ends are within quotes', async (t) => {
  t.equal(csvCell('a;"b"'), '"a;""b"""');
  t.equal(csvCell('\n=1'), '"\'\n=1"');
});
