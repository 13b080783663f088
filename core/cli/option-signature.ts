/** One option of a plugin, in the short form that people know from TypeScript. */
export interface OptionSignature {
  /** With `?` where it can be left out. */
  readonly name: string;
  /** Such as `string | string[]`. */
  readonly type: string;
  readonly description: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(schema: unknown): string {
  if (!isObject(schema)) return 'any';
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return [...new Set(alternatives.map(typeOf))].join(' | ');
  const type = schema['type'];
  if (Array.isArray(type)) return type.join(' | ');
  if (type === 'array') {
    const item = typeOf(schema['items']);
    return item.includes(' ') ? `(${item})[]` : `${item}[]`;
  }
  return typeof type === 'string' ? type : 'any';
}

/** The options that a JSON Schema describes; none where it does not describe an object. */
export function describeOptions(schema: unknown): readonly OptionSignature[] {
  if (!isObject(schema) || !isObject(schema['properties'])) return [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(schema['properties']).map(([name, property]) => {
    const optional = !required.includes(name);
    const fallback = isObject(property) && property['default'] !== undefined ? ` = ${JSON.stringify(property['default'])}` : '';
    const description = isObject(property) && typeof property['description'] === 'string' ? property['description'] : '';
    return { name: optional ? `${name}?` : name, type: `${typeOf(property)}${fallback}`, description };
  });
}
