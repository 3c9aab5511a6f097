export interface ValueFormat {
  /** As the end of "is not …". */
  readonly name: string;
  fits(value: Buffer): boolean;
}

interface KeyFormat extends ValueFormat {
  readonly dataKey: string;
}

const json = { name: 'a JSON object', fits: isJsonObject };

/**
 * What the API server demands of values of these types: ValidateSecret in pkg/apis/core/validation of kubernetes 1.36.3.
 * Judged here too, because a Secret that changes its type is deleted before the new one is offered.
 */
const formats: Readonly<Record<string, KeyFormat>> = {
  'kubernetes.io/dockercfg': { dataKey: '.dockercfg', ...json },
  'kubernetes.io/dockerconfigjson': { dataKey: '.dockerconfigjson', ...json },
  'kubernetes.io/ssh-auth': {
    dataKey: 'ssh-privatekey',
    name: 'a private key',
    fits: (value) => value.length > 0,
  },
};

export function valueFormat(type: string, dataKey: string): ValueFormat | undefined {
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined;
  return format?.dataKey === dataKey ? format : undefined;
}

function isJsonObject(value: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'));
    return typeof parsed === 'object' && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
