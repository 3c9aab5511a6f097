interface Advice {
  readonly pattern: RegExp;
  /** What to write instead. */
  readonly instead: string;
}

/** Words that hide who acts, or that only literature uses. */
const ADVICE: readonly Advice[] = [
  { pattern: /\bwho(m)?ever\b/gi, instead: '"a user who …", or the name of the actor' },
  {
    pattern: /\b(some|no|any)body('s)?\b/gi,
    instead: 'the name of the actor: user, owner, client',
  },
  { pattern: /\bmend(s|ed|ing)?\b/gi, instead: '"fix"' },
  { pattern: /\btold\b/gi, instead: '"reported", "configured" or "shown"' },
  {
    // "of its own pod" is plain.
    pattern:
      /\bof (its|their|our|your|one's) own(?= *([.,;:)|]|$)| (and|or|in|on|for|that|which|with|to|by|at|until|is)\b)/gi,
    instead: '"its own …", "separate" or "different"',
  },
  { pattern: /\bby (itself|themselves)\b/gi, instead: '"automatically"' },
  { pattern: /\b(is|are|was|were|be|been|being) made\b/gi, instead: '"is created"' },
  { pattern: /\banew\b/gi, instead: '"again", or "re-created"' },
  { pattern: /\btrue to\b/gi, instead: '"in sync with"' },
  { pattern: /\bin the place of\b/gi, instead: '"instead of"' },
  { pattern: /\bheed(s|ed|ing)?\b/gi, instead: '"use" or "accept"' },
];

export interface PlainEnglishFinding {
  readonly line: number;
  readonly word: string;
  readonly instead: string;
}

export function findingsIn(text: string): readonly PlainEnglishFinding[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      ADVICE.flatMap(({ pattern, instead }) =>
        [...line.matchAll(pattern)].map(([word]) => ({ line: index + 1, word, instead })),
      ),
    );
}

/**
 * What is not written by hand on the page, or is no prose. Order matters: code spans mark the titles of tests.
 * A generated page says so in its first lines; a generated part stands between comments.
 */
const NOT_PROSE: readonly RegExp[] = [
  /^# .+\n\n(<!-- )?Generated from [^]*/,
  /^<!-- begin ([\w ]+) -->$[^]*?^<!-- end \1 -->$/gm,
  /^( *)```[^]*?^\1```$/gm,
  /`[\w/]+[.]test[.]ts`(?:: | *\| )[^|<]*/g,
  /`[^`]*`/g,
  /\]\([^)]*\)/g,
];

/** The prose of a page in Markdown; everything else becomes blank, so that lines keep their numbers. */
export function proseOf(page: string): string {
  return NOT_PROSE.reduce(
    (text, pattern) => text.replace(pattern, (part) => part.replaceAll(/[^\n]/g, ' ')),
    page,
  );
}
