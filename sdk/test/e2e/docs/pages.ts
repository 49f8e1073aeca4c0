import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from '../platform.js';

/** A block between fences. */
export interface Fence {
  readonly page: string;
  readonly language: string;
  /** Of which it is an excerpt: the word after the language. */
  readonly source: string | undefined;
  readonly text: string;
}
/** Something that a reader is told to type. */
export interface Command {
  readonly page: string;
  readonly text: string;
}

export const pages: readonly string[] = [
  'README.md',
  'AGENTS.md',
  'CONTRIBUTING.md',
  'sdk/README.md',
  ...readdirSync(path.join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const readSource = (file: string): string => readFileSync(path.join(repository, file), 'utf8');

const fencePattern = /^( *)```(\w*)(?: (\S+))?\n([\s\S]*?)^ *```$/gm;
const isShell = ({ language }: Fence): boolean => language === 'sh' || language === 'bash';
/** What a span between backticks begins with when it is something to type. */
const typed = /^(?:(?:npm|npx|node|curl|docker|helm|kubectl|git|nginx|psql) |\.\/?ci\/|\.\/\.ci\/)/;

export const fencesOf = (page: string): Fence[] =>
  [...readSource(page).matchAll(fencePattern)].map(([, indent = '', language = '', source, text = '']) => ({
    page,
    language,
    source,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));

export const shellFencesOf = (page: string): Fence[] => fencesOf(page).filter(isShell);

/** Spans of a page; what is in a fence is none. */
export const spansOf = (page: string): string[] =>
  [
    ...readSource(page)
      .replaceAll(fencePattern, '')
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, span = '']) => span);

/** Each once for a page, however often it stands there. */
export function commandsOf(page: string): Command[] {
  const typedSpans = spansOf(page).filter((span) => typed.test(span));
  const typedLines = shellFencesOf(page).flatMap(({ text }) => linesOf(text));
  return [...new Set([...typedLines, ...typedSpans])].map((text) => ({ page, text }));
}

/** The commands of a block: continued lines are one, comments are none. */
export function linesOf(block: string): string[] {
  const found: string[] = [];
  let open = '';
  for (const line of block.split('\n')) {
    if (open === '' && /^\s*(#|$)/.test(line)) continue;
    open += `${open === '' ? '' : '\n'}${line}`;
    if (line.endsWith('\\') || isInText(open)) continue;
    found.push(withoutComment(open).trim());
    open = '';
  }
  if (open !== '') throw new Error(`a command without an end: ${open}`);
  return found;
}

/** Within an apostrophe's text, over lines. */
const isInText = (text: string): boolean => (withoutComment(text).split("'").length - 1) % 2 === 1;
const withoutComment = (text: string): string => text.replaceAll(/\s+# [^\n]*$/gm, '');
