/** One option of a plugin, in the short form that people know from TypeScript. */
export interface OptionSignature {
  /** With `?` where it can be left out. */
  readonly name: string;
  /** Such as `string | string[]`. */
  readonly type: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{ not: {} }` stands for what only code can give, such as a RegExp. */
const isPossible = (schema: unknown): boolean => !(isObject(schema) && isObject(schema['not']) && Object.keys(schema['not']).length === 0);

function typeOf(schema: unknown): string {
  if (!isObject(schema)) return 'any';
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return [...new Set(alternatives.filter(isPossible).map(typeOf))].join(' | ');
  const type = schema['type'];
  if (Array.isArray(type)) return type.join(' | ');
  if (type === 'array') {
    const item = typeOf(schema['items']);
    return item.includes(' ') ? `(${item})[]` : `${item}[]`;
  }
  return typeof type === 'string' ? type : 'any';
}

/** The object form of a schema that allows others too, such as a command for short. */
function objectForm(schema: unknown): JsonObject | undefined {
  if (!isObject(schema)) return undefined;
  if (isObject(schema['properties'])) return schema;
  const alternatives = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'];
  return Array.isArray(alternatives) ? alternatives.map(objectForm).find((form) => form !== undefined) : undefined;
}

/** The options that a JSON Schema describes; none where it does not describe an object. */
export function describeOptions(schema: unknown): readonly OptionSignature[] {
  const form = objectForm(schema);
  if (form === undefined || !isObject(form['properties'])) return [];
  const required = Array.isArray(form['required']) ? form['required'] : [];
  return Object.entries(form['properties']).map(([name, property]) => {
    const fallback = isObject(property) && property['default'] !== undefined ? ` = ${JSON.stringify(property['default'])}` : '';
    return { name: required.includes(name) ? name : `${name}?`, type: `${typeOf(property)}${fallback}` };
  });
}
