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

/** At 170 × 64 points, sharp enough for paper. */
const logoPixels = { width: 680, height: 256 };

/** Any picture as PNG; without one that cannot be read, the document is printed all the same. */
async function asPng(picture: Uint8Array): Promise<Uint8Array | null> {
  const { default: sharp } = await import('sharp');
  try {
    return await sharp(picture, { limitInputPixels: 100_000_000 })
      .autoOrient()
      .resize({ ...logoPixels, fit: 'inside', withoutEnlargement: true })
      .png()
      .toBuffer();
  } catch {
    return null;
  }
}

/** A thread's task: the PDF of one document. */
export default async function printDocument(document: PrintedDocument): Promise<Uint8Array> {
  const { issuer } = document;
  const logo = issuer.logo && (await asPng(issuer.logo));
  return pdfmake.createPdf(layOut({ ...document, issuer: { ...issuer, logo } })).getBuffer();
}
