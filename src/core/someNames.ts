/** As many names as anybody reads. */
const shownNames = 3;

export function someNames(names: readonly string[]): string {
  const shown = names.toSorted().slice(0, shownNames).join(', ');
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}
