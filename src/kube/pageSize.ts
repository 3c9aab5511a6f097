/** A page of a list is read up to here: its text, what is parsed of it and what is kept are in memory at once. */
export const maxPageBytes = 8 * 1024 * 1024;
/** Pages aim at half of that, because the next objects may be larger. */
const wantedBytes = maxPageBytes / 2;
const shrinking = 8;
const growth = 2;

/** How many objects the next page may have, after one with `count` objects in `bytes`. */
export function pageSizeAfter(
  size: number,
  { count, bytes }: { readonly count: number; readonly bytes: number },
): number {
  if (count === 0) return size;
  const fitting = Math.floor((wantedBytes * count) / bytes);
  return Math.max(1, Math.min(fitting, size * growth));
}

/** The same after a page of `size` objects that was too large to be read. */
export function smallerPage(size: number): number {
  return Math.max(1, Math.floor(size / shrinking));
}
