import type { PlaneLetter } from './run-dead-letters.js';

const headings = ['plane', 'consumer', 'state', 'tries', 'parked', 'next try', 'type', 'key', 'event'];
const longestError = 160;

/** With the last error under each letter that was tried. */
export function letterTable(letters: readonly PlaneLetter[]): string[] {
  const rows = letters.map((letter) => [
    letter.plane,
    letter.consumer,
    letter.in_hand ? 'in hand' : letter.state,
    String(letter.attempts),
    shortTime(letter.parked_at),
    letter.retry_at === null ? '-' : shortTime(letter.retry_at),
    letter.event_type,
    letter.key,
    letter.event_id,
  ]);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(headings),
    ...rows.flatMap((row, index) => {
      const letter = letters[index];
      const error = letter && letter.attempts > 0 ? [`    ${printable(letter.error).slice(0, longestError)}`] : [];
      return [line(row), ...error];
    }),
  ];
}

const shortTime = (timestamp: string): string => `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)}`;

/** What a handler said may hold anything; a terminal would obey it. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
