/**
 * Sum of a metric over its labels, of those series that have the given text in their labels.
 * https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
 */
export function metricSum(text: string, name: string, label = ''): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const [series = '', value = ''] = line.split(/ (?=[^ ]*$)/);
    const [metric] = series.split('{');
    if (metric === name && series.includes(label)) sum += Number(value);
  }
  return sum;
}
