/** Shared by the schema and the parser, so that both accept the same. */
export const durationPattern = '^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$';

const duration = /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** Milliseconds of a Go duration in hours, minutes and seconds (`1h30m`); undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = duration.exec(text);
  if (match === null || text === '') return undefined;
  const [hours = '0', minutes = '0', seconds = '0'] = match.slice(1).map((part) => part ?? '0');
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}
