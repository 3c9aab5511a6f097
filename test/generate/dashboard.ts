import { panels, type Panel } from './dashboardPanels.ts';

const datasource = { type: 'prometheus', uid: '${datasource}' };
const rowWidth = 24;
const sizes = { stat: { w: 4, h: 4 }, timeseries: { w: 12, h: 7 } } as const;

/** https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
export function dashboard(): string {
  const model = {
    uid: 'vaultsecret',
    title: 'vaultsecret',
    tags: ['kubernetes', 'azure'],
    schemaVersion: 39,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'data source',
          type: 'datasource',
          query: 'prometheus',
          current: {},
        },
        // Most clusters give their series no such label; of the others all means those listed.
        { ...variable('cluster', 'vaultsecret_build_info'), allValue: '.*' },
        variable('namespace', 'vaultsecret_build_info{cluster=~"$cluster"}'),
        variable('job', 'vaultsecret_build_info{cluster=~"$cluster",namespace=~"$namespace"}'),
      ],
    },
    panels: placed(),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** From left to right, as long as there is room. */
function placed(): object[] {
  let x = 0;
  let y = 0;
  let height = 0;
  return panels.map((panel, index) => {
    const { w, h } = sizes[panel.type];
    if (x + w > rowWidth || h !== height) {
      x = 0;
      y += height;
    }
    height = h;
    const gridPos = { w, h, x, y };
    x += w;
    return { id: index + 1, gridPos, ...content(panel) };
  });
}

function content({ type, title, description, unit, expr, legend }: Panel): object {
  return {
    type,
    title,
    description,
    datasource,
    fieldConfig: {
      defaults: { unit, ...(type === 'stat' ? { noValue: '-' } : {}) },
      overrides: [],
    },
    options: type === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : {},
    targets: [{ refId: 'A', datasource, expr, legendFormat: legend }],
  };
}

/** All, until somebody chooses: of controllers like this one, since other processes have metrics of the same names. */
function variable(name: string, series: string): object {
  return {
    name,
    type: 'query',
    datasource,
    query: { query: `label_values(${series}, ${name})`, refId: name },
    refresh: 2,
    includeAll: true,
    multi: true,
    current: { text: ['All'], value: ['$__all'] },
  };
}
