/** A metric that an expression reads, with the values of labels by which it is selected, where these are equal to one. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels after `by`. */
  readonly groupings: readonly string[];
}

const keywords = new Set(['and', 'or', 'unless', 'bool', 'offset']);

/** As much of PromQL as alerts and dashboard use. https://prometheus.io/docs/prometheus/latest/querying/basics/ */
export function readPromql(text: string): Expression {
  const groupings: string[] = [];
  const plain = text
    .replaceAll(/\bby \(([^)]*)\)/g, (_, labels: string) => {
      groupings.push(...labels.split(',').map((label) => label.trim()));
      return '';
    })
    .replaceAll(/\[[^\]]*\]/g, '');
  const selectors = [
    ...plain.matchAll(/(?<![\w".$])([a-z_][a-z0-9_]*)(?!\w|\s*\()(?:\{([^}]*)\})?/g),
  ].flatMap(([, metric = '', matchers = '']) =>
    keywords.has(metric) ? [] : [{ metric, ...readMatchers(matchers) }],
  );
  return { selectors, groupings };
}

function readMatchers(text: string): Pick<Selector, 'labels' | 'values'> {
  const matchers = [...text.matchAll(/(\w+)(=|!=|=~|!~)"([^"]*)"/g)];
  return {
    labels: matchers.map(([, label = '']) => label),
    values: Object.fromEntries(
      matchers
        .filter(([, , operator]) => operator === '=')
        .map(([, label = '', , value = '']) => [label, value]),
    ),
  };
}
