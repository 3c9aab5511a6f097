/** Values that must show up nowhere, by a name that may be shown. */
export type Canaries = ReadonlyMap<string, string>;

/** What is shorter could be anywhere by chance, in one shape or another. */
const shortest = 12;

/**
 * Which canaries stand in the text, and in which shape: as they are, escaped as in JSON (also within JSON) or a URL,
 * in base64 or hex at whatever place of a longer text, or a single line of theirs, as of a PEM.
 * The answer holds no value: it is for test output. @throws Error when a canary is too short
 */
export function findCanaries(text: string | Buffer, canaries: Canaries): string[] {
  return [...canaries].flatMap(([name, value]) =>
    [...shapesOf(value)].flatMap(([shape, written]) =>
      text.includes(written) ? [`${name}, ${shape}`] : [],
    ),
  );
}

function shapesOf(value: string): ReadonlyMap<string, string> {
  if (value.length < shortest) throw new Error('too short to be told from chance');
  const json = (text: string): string => JSON.stringify(text).slice(1, -1);
  const shapes = new Map([
    ['plain', value],
    ['in JSON', json(value)],
    ['in JSON within JSON', json(json(value))],
    ['in a URL', encodeURIComponent(value)],
    ['in a form', new URLSearchParams([['', value]]).toString().slice(1)],
    ['in hex', Buffer.from(value).toString('hex')],
    ['in capital hex', Buffer.from(value).toString('hex').toUpperCase()],
  ]);
  for (const offset of [0, 1, 2]) {
    const base64 = inBase64(value, offset);
    shapes.set(`in base64 at ${offset}`, base64);
    shapes.set(`in base64url at ${offset}`, base64.replaceAll('+', '-').replaceAll('/', '_'));
    // As in a body that was logged whole: the base64 of the Secret's data, once more.
    shapes.set(`in base64 of base64 at ${offset}`, inBase64(inBase64(value, 0), offset));
  }
  const lines = value.split('\n').filter((line) => line.length >= shortest);
  if (lines.length > 1) lines.forEach((line, index) => shapes.set(`line ${index + 1}`, line));
  return shapes;
}

/** The part of it that depends on nothing but the value, if that begins so many bytes after a multiple of three. */
function inBase64(value: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64');
  return whole.slice(offset === 0 ? 0 : 4);
}
