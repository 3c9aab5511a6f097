import type { Figure, Measured } from './figure.ts';
import type { Verdict } from './verdict.ts';

/** One line of the table. */
export interface Row extends Figure, Measured {
  readonly id: string;
  readonly verdict: Verdict;
  /** Of the build that ours is compared with. */
  readonly other?: Measured | undefined;
}

/** The shape that design promises, and what else a reader may want to know. */
export function formatJson(rows: readonly Row[]): string {
  const figures = rows.map(({ id, unit, promise, verdict, other, ...measured }) => {
    const { value, ...more } = plain(measured);
    return {
      id,
      value,
      unit,
      promise: promise.text,
      met: verdict.met,
      verdict: verdict.text,
      ...more,
      ...(other === undefined ? {} : { other: plain(other) }),
    };
  });
  return `${JSON.stringify({ figures }, undefined, 2)}\n`;
}

function plain({ value, spread, note }: Measured) {
  return {
    value: round(value),
    ...(spread === undefined ? {} : { spread: spread.map(round) }),
    ...(note === undefined ? {} : { note }),
  };
}

const headings = ['figure', 'value', 'spread', 'promise', 'verdict', 'note'];
const otherHeadings = ['other build', 'its spread', 'its note'];

/** In Markdown, so that it can be pasted into the documentation as it is. */
export function formatTable(rows: readonly Row[]): string {
  const isCompared = rows.some(({ other }) => other !== undefined);
  const lines = [
    isCompared ? [...headings, ...otherHeadings] : headings,
    ...rows.map((row) => (isCompared ? [...cellsOf(row), ...otherCellsOf(row)] : cellsOf(row))),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head = '', ...body] = lines.map(
    (texts) => `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [head, rule, ...body].join('\n');
}

function cellsOf({ id, unit, promise, verdict, ...measured }: Row): string[] {
  const { spread, note = '' } = measured;
  return [id, showOf(measured, unit), showSpread(spread), promise.text, verdict.text, note];
}

function otherCellsOf({ unit, other }: Row): string[] {
  if (other === undefined) return ['', '', ''];
  return [showOf(other, unit), showSpread(other.spread), other.note ?? ''];
}

function showOf({ value }: Measured, unit: Row['unit']): string {
  return `${show(value)} ${unit}`;
}

function showSpread(spread: Measured['spread']): string {
  return spread === undefined ? '' : spread.map(show).join(' to ');
}

function show(value: number): string {
  return round(value).toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** Three significant digits and more are noise, but counts are exact. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
