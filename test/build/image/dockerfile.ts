import { z } from 'zod';
import type { ImageConfig } from './ociArchive.ts';

/**
 * How the Dockerfile's last stage starts a container, so that an image which was built without Docker
 * starts in the same way. Only the forms that our Dockerfile uses are understood.
 */
export function configOf(dockerfile: string, args: Readonly<Record<string, string>>): ImageConfig {
  const stage = instructionsOf(dockerfile);
  const last = stage.slice(stage.findLastIndex(([name]) => name === 'FROM') + 1);
  const values = (name: string): string[] =>
    last.flatMap(([each, value]) => (each === name ? [substitute(value, args)] : []));
  const only = (name: string): string => {
    const [value, ...more] = values(name);
    if (value === undefined || more.length > 0)
      throw new Error(`the last stage of the Dockerfile needs one ${name}`);
    return value;
  };
  return {
    User: only('USER'),
    WorkingDir: only('WORKDIR'),
    Env: pairsOf(values('ENV')).map(([key, value]) => `${key}=${value}`),
    Entrypoint: words(only('ENTRYPOINT')),
    Cmd: words(only('CMD')),
    ExposedPorts: Object.fromEntries(values('EXPOSE').map((port) => [`${port}/tcp`, {}])),
    Labels: Object.fromEntries(pairsOf(values('LABEL'))),
  };
}

function instructionsOf(dockerfile: string): [name: string, value: string][] {
  const lines = dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  return lines.flatMap((line): [string, string][] => {
    const [, name, value] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}

function substitute(text: string, args: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = args[name];
    if (value === undefined) throw new Error(`the Dockerfile wants an argument ${name}`);
    return value;
  });
}

function pairsOf(values: readonly string[]): [key: string, value: string][] {
  const pairs = values.flatMap((value) => [...value.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g)]);
  return pairs.map(([, key = '', quoted, plain = '']) => [key, quoted ?? plain]);
}

function words(value: string): string[] {
  return z.array(z.string()).parse(JSON.parse(value));
}
