import { TreadleError } from '../contract/errors.ts';
import { suggest } from '../model/suggest.ts';

/**
 * The pipeline to run: the one named, else the only one, else the one called `default`.
 *
 * @param commands - names that the user may have meant instead
 * @throws `E_PIPELINE_UNKNOWN` when there is none of that name, or several and no name
 */
export function choosePipeline<T>(pipelines: ReadonlyMap<string, T>, name: string | undefined, commands: readonly string[] = []): T {
  const names = [...pipelines.keys()];
  const wanted = name ?? (names.length === 1 ? names[0] : 'default');
  const found = wanted === undefined ? undefined : pipelines.get(wanted);
  if (found !== undefined) return found;
  const listed = `The project has: ${names.join(', ')}.`;
  if (name === undefined)
    throw new TreadleError('E_PIPELINE_UNKNOWN', 'The project has several pipelines and none is called "default".', {
      hint: `Name one: ${names.join(', ')}.`,
    });
  const near = suggest(name, [...names, ...commands]);
  throw new TreadleError('E_PIPELINE_UNKNOWN', `There is no pipeline or command "${name}".`, {
    hint: near === undefined ? listed : `Did you mean "${near}"? ${listed}`,
  });
}
