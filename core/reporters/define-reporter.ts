import { TreadleError } from '../contract/errors.ts';
import type { Reporter, ReporterFactory, ReporterOptions, ReporterOutput } from './reporter.ts';

const hint = 'Write export default defineReporter((output, options) => ({ onEvent(event) { … } })).';

/**
 * Defines a reporter of one's own: make it the default export of a file or of a package `treadle-reporter-…`, and
 * name that with `--reporter`. What it shows should come from the events alone, for it may be asked about a stored run.
 *
 * @throws `E_PLUGIN_INVALID` when it is given no function.
 * @example
 * export default defineReporter((output) => ({
 *   onEvent(event) {
 *     if (event.type === 'step:end') output.write(`${event.id} ${event.status}\n`);
 *   },
 * }));
 */
export function defineReporter(create: ReporterFactory): ReporterFactory {
  if (typeof create !== 'function')
    throw new TreadleError('E_PLUGIN_INVALID', 'defineReporter needs a function that makes a reporter.', { hint });
  return create;
}

type ReporterClass = new (output: ReporterOutput, options: ReporterOptions) => Reporter;

/**
 * The factory behind the default export of a reporter's module: of `defineReporter`, or of a class with `onEvent`.
 *
 * @param shown - what messages call the module
 * @throws `E_PLUGIN_INVALID` when it is neither, or, later, when what it makes is no reporter.
 */
export function reporterFactoryOf(exported: unknown, shown: string): ReporterFactory {
  if (typeof exported !== 'function') {
    const what = exported === undefined ? 'it has no default export' : 'its default export is no function';
    throw new TreadleError('E_PLUGIN_INVALID', `The reporter ${shown} cannot be used: ${what}.`, { hint });
  }
  const create = isReporterClass(exported)
    ? (output: ReporterOutput, options: ReporterOptions): unknown => new exported(output, options)
    : (output: ReporterOutput, options: ReporterOptions): unknown => exported(output, options);
  return (output, options) => {
    const made = create(output, options);
    if (isReporter(made)) return made;
    throw new TreadleError('E_PLUGIN_INVALID', `The reporter ${shown} cannot be used: what it makes has no onEvent function.`, { hint });
  };
}

function isReporterClass(value: Function): value is ReporterClass {
  const prototype: unknown = value.prototype;
  return typeof prototype === 'object' && prototype !== null && 'onEvent' in prototype;
}

function isReporter(value: unknown): value is Reporter {
  return typeof value === 'object' && value !== null && 'onEvent' in value && typeof value.onEvent === 'function';
}
