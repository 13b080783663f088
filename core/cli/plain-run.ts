import { commandNames, type RunFlags } from './flags.ts';
import { commonRunOptions, defaultRunFlags, globalOptions, ownRunOptions, type FlagsDraft, type RunOption } from './run-options.ts';

/** What `treadle` or `treadle run` is asked for. */
export interface PlainRun {
  readonly pipeline: string | undefined;
  readonly flags: RunFlags;
}

const optionsOfRun = [...commonRunOptions, ownRunOptions].flatMap(({ options }) => options);

const find = (options: readonly RunOption[], name: string): RunOption | undefined =>
  options.find((option) => option.name === name || option.short === name);

function read(args: readonly string[]): PlainRun | undefined {
  const flags: FlagsDraft = { ...defaultRunFlags };
  let pipeline: string | undefined;
  let isStart = true;
  /** The option that the next words belong to. */
  let open: RunOption | undefined;
  const words = args.values();
  for (const word of words) {
    if (!word.startsWith('-')) {
      if (open !== undefined) open.take(flags, word);
      else if (!(isStart && word === 'run')) {
        if (pipeline !== undefined || commandNames.some((name) => name === word)) return undefined;
        pipeline = word;
      }
      isStart = false;
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const everywhere = find(globalOptions.options, name);
    const option = everywhere ?? find(optionsOfRun, name);
    if (option === undefined) return undefined;
    // What every command takes may stand before `run`, and among the words of another option.
    if (everywhere === undefined) {
      isStart = false;
      open = undefined;
    }
    if (option.value === undefined) {
      if (equals >= 0) return undefined;
      option.take(flags);
    } else if (equals >= 0) {
      option.take(flags, word.slice(equals + 1));
    } else {
      const value = words.next().value;
      if (value === undefined || value.startsWith('-')) return undefined;
      option.take(flags, value);
      if (option.value.endsWith('...>')) open = option;
    }
  }
  return { pipeline, flags };
}

/**
 * Reads the arguments of an ordinary run just as commander does, in less time than commander takes to load. Whatever
 * is not beyond doubt is left to commander, which finds the words for it.
 *
 * @returns nothing for what is no run, or not in order
 */
export function readPlainRun(args: readonly string[]): PlainRun | undefined {
  try {
    return read(args);
  } catch {
    // A value that does not parse. It does not for commander either.
    return undefined;
  }
}
