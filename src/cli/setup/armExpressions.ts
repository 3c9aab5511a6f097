export type ArmResource = Readonly<Record<string, unknown>>;

export const $schema =
  'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';

/** What Azure would take for an expression begins with a bracket; two stand for one. */
export function armText(text: string): string {
  return text.startsWith('[') ? `[${text}` : text;
}

/** A string inside an expression. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function resourceId(type: string, names: readonly string[], resourceGroup?: string): string {
  const group = resourceGroup === undefined ? [] : [resourceGroup];
  return `resourceId(${[...group, type, ...names].map(literal).join(', ')})`;
}

export function dependsOn(ids: readonly string[]): ArmResource {
  return ids.length === 0 ? {} : { dependsOn: ids.map((id) => `[${id}]`) };
}
