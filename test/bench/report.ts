import type { Figure, Measured } from './figure.ts';
import type { Verdict } from './verdict.ts';

/** One line of the table. */
export interface Row extends Figure, Measured {
  readonly id: string;
  readonly verdict: Verdict;
}

/** The shape that design promises, and what else a reader may want to know. */
export function formatJson(rows: readonly Row[]): string {
  const figures = rows.map(({ id, value, unit, promise, verdict, spread, note }) => ({
    id,
    value: round(value),
    unit,
    promise: promise.text,
    met: verdict.met,
    verdict: verdict.text,
    ...(spread === undefined ? {} : { spread: spread.map(round) }),
    ...(note === undefined ? {} : { note }),
  }));
  return `${JSON.stringify({ figures }, undefined, 2)}\n`;
}

const headings = ['figure', 'value', 'spread', 'promise', 'verdict', 'note'];

/** In Markdown, so that it can be pasted into the documentation as it is. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ id, value, unit, promise, verdict, spread, note = '' }) => [
    id,
    `${show(value)} ${unit}`,
    spread === undefined ? '' : spread.map(show).join(' to '),
    promise.text,
    verdict.text,
    note,
  ]);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(headings), rule, ...cells.map(line)].join('\n');
}

function show(value: number): string {
  return round(value).toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** Three significant digits and more are noise, but counts are exact. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
