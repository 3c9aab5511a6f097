/** A block of a page in Markdown, without the indentation of its list. */
export interface CodeBlock {
  /** Of the comment above it, or empty. */
  readonly mark: string;
  readonly language: string;
  readonly text: string;
}

export function codeBlocks(page: string): readonly CodeBlock[] {
  const blocks = page.matchAll(/(?:<!-- ([^>]+) -->\n\n)?^( *)```(\w+)\n([^]*?)\n\2```$/gm);
  return [...blocks].map(([, mark = '', indent = '', language = '', text = '']) => ({
    mark,
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** Each on one line, without comments. */
export function shellCommands(script: string): readonly string[] {
  return script
    .replaceAll(/ \\\n\s+/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}
