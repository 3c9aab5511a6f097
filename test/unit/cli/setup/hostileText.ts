import fc from 'fast-check';

/** Names that mean something to a shell, PowerShell, Bicep or JSON, and what they are mixed with. */
const pieces = [
  "'",
  '"',
  '`',
  '$',
  '$(reboot)',
  '${x}',
  '\\',
  ';',
  '&',
  '|',
  '<',
  '\n',
  '\r',
  '\t',
  ' ',
  '*',
  '~',
  '=',
  '#',
  '!',
  '--',
  '@',
  '[',
  ']',
  '{',
  '(',
  '\u2018',
  '\u2019',
  '\u201B',
  '\u201D',
  'a',
  'B',
  '7',
  '.',
  'é',
  '名',
];

export function hostileText(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...pieces), maxLength: 12 });
}
