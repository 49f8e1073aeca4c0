/** What a file is, as its bytes say. */
export interface FileType {
  readonly mediaType: string;
  /** Of a kind that we can look at and make a thumbnail of. */
  readonly isPicture: boolean;
}

/** Enough for every signature below, and for an SVG behind its comments. */
export const headByteSize = 16_384;

const picture = (mediaType: string): FileType => ({ mediaType, isPicture: true });
const other = (mediaType: string): FileType => ({ mediaType, isPicture: false });

/** What a print shop has use for, by what the detecting library calls it. Everything else is refused. */
const taken: Readonly<Record<string, FileType>> = {
  'image/png': picture('image/png'),
  'image/apng': picture('image/png'),
  'image/jpeg': picture('image/jpeg'),
  'image/webp': picture('image/webp'),
  'image/gif': picture('image/gif'),
  'image/tiff': picture('image/tiff'),
  'image/vnd.adobe.photoshop': other('image/vnd.adobe.photoshop'),
  'application/pdf': other('application/pdf'),
  'application/postscript': other('application/postscript'),
  'application/eps': other('application/postscript'),
  'application/zip': other('application/zip'),
};

/**
 * The type of a file by its beginning. The name decides only between types that no signature tells apart, and never
 * makes a file something that its bytes do not allow.
 * @returns undefined for what is not taken
 */
export async function detectFileType(head: Buffer, fileName: string): Promise<FileType | undefined> {
  const extension = /\.([a-z0-9]{1,8})$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  const stitches = detectStitches(head, extension);
  if (stitches !== undefined) return stitches;
  // DOS EPS: PostScript behind a header of its own.
  if (head.subarray(0, 4).equals(Buffer.from([0xc5, 0xd0, 0xd3, 0xc6]))) return other('application/postscript');
  // Loaded with the first upload: a process without any has no use for it.
  const { fileTypeFromBuffer } = await import('file-type');
  const detected = await fileTypeFromBuffer(head);
  if (detected !== undefined && detected.mime !== 'application/xml') return taken[detected.mime];
  if (isSvg(head)) return other('image/svg+xml');
  return extension === 'csv' && detected === undefined && isPlainText(head) ? other('text/csv') : undefined;
}

/** Embroidery. Wilcom's EMB is a compound file, as old office documents are: there the name has the last word. */
function detectStitches(head: Buffer, extension: string): FileType | undefined {
  const text = head.toString('latin1', 0, 512);
  if (text.startsWith('LA:') && text.includes('\rST:')) return other('application/x-dst');
  if (text.startsWith('#PES0')) return other('application/x-pes');
  const isCompound = head.subarray(0, 8).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]));
  return isCompound && extension === 'emb' ? other('application/x-emb') : undefined;
}

/** The first element is `svg`, behind nothing but what XML allows there. */
function isSvg(head: Buffer): boolean {
  let text = head.toString('utf8').replace(/^\ufeff/, '');
  for (;;) {
    text = text.trimStart();
    const [, end] = prologue.find(([start]) => text.startsWith(start)) ?? [];
    if (end === undefined) return /^<(?:[a-z]{1,16}:)?svg[\s/>]/.test(text);
    const at = text.indexOf(end);
    if (at === -1) return false;
    text = text.slice(at + end.length);
  }
}
/** What may stand before the first element, and how it ends. A document type with declarations inside is not taken. */
const prologue = [
  ['<?', '?>'],
  ['<!--', '-->'],
  ['<!DOCTYPE svg', '>'],
] as const;

/** Text that is no markup: no browser and no shell would take it for a program. */
function isPlainText(head: Buffer): boolean {
  const text = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that text has none of
  return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) && !/^\s*(?:[<{]|#!)/.test(text);
}
