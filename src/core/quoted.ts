/** For an id, never for a secret. */
const longest = 64;

/**
 * A text in quotation marks, with blanks at its ends, line breaks and invisible characters to be seen: all but
 * printable ASCII is escaped as in JSON. No longer than a sentence bears.
 */
export function quoted(text: string): string {
  const shown = text.length <= longest ? text : `${text.slice(0, longest)}...`;
  return JSON.stringify(shown).replaceAll(/[^ -~]/g, (character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(4, '0');
    return String.raw`\u${hex}`;
  });
}
