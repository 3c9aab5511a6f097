import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const durationBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];

export const counter = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[] = [],
) => new Counter({ name, help, labelNames, registers: [registry] });

export const gauge = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[] = [],
) => new Gauge({ name, help, labelNames, registers: [registry] });

export const histogram = (
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[] = [],
) =>
  new Histogram({
    name,
    help,
    labelNames,
    buckets: durationBuckets,
    registers: [registry],
  });
