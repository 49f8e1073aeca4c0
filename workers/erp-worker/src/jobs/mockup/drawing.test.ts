import t from 'tap';
import { sizeOfDrawing } from './drawing.js';

const sizeOf = (width: string) => sizeOfDrawing(Buffer.from(`<svg width="${width}" height="10" viewBox="0 0 4 2"/>`));

t.test('a drawing says its size in lengths, or by its view box', async (t) => {
  t.strictSame(sizeOf('1in'), { width: 96, height: 10 });
  t.strictSame(sizeOf('100%'), { width: 20, height: 10 });
});

t.test('a length of a million characters is none, and takes no time', async (t) => {
  t.strictSame(sizeOf(`${'1'.repeat(1e6)}!`), { width: 20, height: 10 }, 'digits');
  t.strictSame(sizeOf(`1${' '.repeat(1e6)}!`), { width: 20, height: 10 }, 'spaces');
});
