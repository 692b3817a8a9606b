import type { RunSpec } from './run-spec';

/**
 * Paths of the fields in which two requests differ, such as `limits.time`; empty when they ask for the same run. What
 * the launching machine filled in does not count, nor who is told of it. Both specs are parsed ones, with their task paths absolute.
 */
export function differingFields(left: RunSpec, right: RunSpec): string[] {
  const leftFields = requestFields(left);
  const rightFields = requestFields(right);
  const names = new Set([...leftFields.keys(), ...rightFields.keys()]);
  return [...names].filter((name) => leftFields.get(name) !== rightFields.get(name)).sort();
}

function requestFields(spec: RunSpec): Map<string, string> {
  const fields = new Map<string, string>();
  collectFields('', { ...spec, machineDefaults: undefined, notify: undefined }, fields);
  return fields;
}

function collectFields(path: string, value: unknown, fields: Map<string, string>): void {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null) {
    fields.set(path, JSON.stringify(value));
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    collectFields(path === '' ? name : `${path}.${name}`, inner, fields);
  }
}
