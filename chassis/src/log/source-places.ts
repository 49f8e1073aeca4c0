import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** By compiled file; null where there is none, as in an image without sources. */
const maps = new Map<string, SourceMap | null>();

/** A frame in a module of ours: those of packages are shown as they are. */
const frame = /^( {4}at .*?)(file:\/\/(?:(?!\/node_modules\/)[^\s()])+\.js):(\d+):(\d+)/gm;

/**
 * An error's stack, its places in compiled files told as places in the sources, where maps lie beside them. Node's
 * `--enable-source-maps` tells the same, and for that reads the map of every file that a process imports: a tenth of a start.
 */
export function stackInSources({ stack, message }: Error): string | undefined {
  if (typeof stack !== 'string') return undefined;
  // A message can look like a frame, and names no file for us to open.
  const told = stack.includes(message) ? stack.indexOf(message) + message.length : 0;
  return (
    stack.slice(0, told) +
    stack.slice(told).replace(frame, (whole, before: string, url: string, line: string, column: string) => {
      const { originalSource, originalLine, originalColumn } = entryOf(url, Number(line), Number(column));
      if (originalSource === undefined) return whole;
      const source = path.resolve(path.dirname(fileURLToPath(url)), originalSource);
      return `${before}${pathToFileURL(source).href}:${originalLine + 1}:${originalColumn + 1}`;
    })
  );
}

interface Place {
  readonly originalSource?: string;
  readonly originalLine: number;
  readonly originalColumn: number;
}

function entryOf(url: string, line: number, column: number): Place {
  const unknown = { originalLine: 0, originalColumn: 0 };
  const map = maps.get(url) ?? readMap(url);
  maps.set(url, map);
  const entry = map?.findEntry(line - 1, column - 1);
  // Empty where the map says nothing.
  return entry !== undefined && 'originalSource' in entry ? entry : unknown;
}

function readMap(url: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')));
  } catch {
    return null;
  }
}
