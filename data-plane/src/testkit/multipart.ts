import { randomUUID } from 'node:crypto';

export interface FormFile {
  readonly name: string;
  readonly type?: string;
  readonly content: Buffer | string;
}

/** A form as a browser sends it: the fields, then the file. */
export function formOf(file: FormFile, fields: Readonly<Record<string, string>> = {}) {
  const boundary = `----platen-${randomUUID()}`;
  const quoted = file.name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const head = [
    ...Object.entries(fields).map(
      ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted}"\r\n`,
    `content-type: ${file.type ?? 'application/octet-stream'}\r\n\r\n`,
  ].join('');
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([Buffer.from(head), Buffer.from(file.content), Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
