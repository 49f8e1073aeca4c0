import { fileURLToPath } from 'node:url';
import pdfmake from 'pdfmake';

import { layOut } from './layout.js';
import type { PrintedDocument } from './printed-document.js';

/** Latin, Greek and Cyrillic; what it lacks prints as an empty box. */
const fontFile = (style: string) => fileURLToPath(import.meta.resolve(`pdfmake/fonts/Roboto/Roboto-${style}.ttf`));
const font = { normal: fontFile('Regular'), bold: fontFile('Medium') };
const fontFiles: ReadonlySet<string> = new Set(Object.values(font));
pdfmake.setFonts({ Roboto: font });
// A document names no file and no address but the fonts'.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => fontFiles.has(path));

/** A thread's task: the PDF of one document. */
export default async function printDocument(document: PrintedDocument): Promise<Uint8Array> {
  return pdfmake.createPdf(layOut(document)).getBuffer();
}
