/** Names joined for a message; after a few, only the number of the others. */
const shownNames = 3;

export function someNames(names: readonly string[]): string {
  const shown = names.toSorted().slice(0, shownNames).join(', ');
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}
