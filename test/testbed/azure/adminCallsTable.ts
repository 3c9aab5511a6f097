import { adminCalls } from './admin.ts';

/** The calls of the admin API as a Markdown table, for docs/testbed.md. */
export function adminCallsTable(): string {
  const rows = adminCalls.map(({ method, path, body = '', description }) =>
    [method, code(path), code(body), description].map(escaped).join(' | '),
  );
  return ['Method | Path | Body | Does', '--- | --- | --- | ---', ...rows]
    .map((row) => `| ${row} |`)
    .join('\n');
}

const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

const escaped = (cell: string): string => cell.replaceAll('|', '\\|');
