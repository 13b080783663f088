import { CommanderError, type Command } from 'commander';
import { TreadleError } from '../contract/errors.ts';
import { suggest } from '../model/suggest.ts';
import { metavariables } from './help.ts';

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** commander's message and its suggestion, in our form. */
function asUsageError(error: CommanderError, command: Command): TreadleError {
  const path = pathOf(command);
  if (error.code === 'commander.help') {
    const all = command.commands.map((each) => each.name());
    const names = all.join(', ');
    const [asked, wanted] = command.args;
    if (asked === 'help' && wanted !== undefined) {
      const near = suggest(wanted, all);
      return new TreadleError('E_USAGE', `There is no command "${wanted}" to help with.`, {
        hint: near === undefined ? `Commands are ${names}.` : `Did you mean ${near}? Run ${path} help ${near}.`,
      });
    }
    return new TreadleError('E_USAGE', `"${path}" needs to be told what: ${names}.`, { hint: `Run ${path} --help.` });
  }
  const [stray] = command.args;
  if (error.code === 'commander.excessArguments' && stray !== undefined && command.commands.length > 0) {
    const names = command.commands.map((each) => each.name());
    const near = suggest(stray, names);
    return new TreadleError('E_USAGE', `There is no command "${path} ${stray}".`, {
      hint:
        near === undefined && names.length > 1 ? `Commands are ${names.join(', ')}.` : `Did you mean ${path} ${near ?? names.join('')}?`,
    });
  }
  const [text = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const quoted = metavariables(text)
    .replace(/'([^']*)'/g, '"$1"')
    .replace(/ argument missing$/, ' needs a value')
    .replace(/([^.?!])$/, '$1.');
  const guess = /\((Did you mean .*\?)\)/.exec(suggestion)?.[1] ?? guessDespiteValue(text, command);
  const message = quoted.charAt(0).toUpperCase() + quoted.slice(1);
  return new TreadleError('E_USAGE', message, { hint: `${guess === undefined ? '' : `${guess} `}Run ${path} --help.` });
}

/** commander compares `--nmae=value` as a whole, and so finds nothing near it. */
function guessDespiteValue(text: string, command: Command): string | undefined {
  const name = /unknown option '(--[^=']+)=/.exec(text)?.[1];
  const near =
    name === undefined
      ? undefined
      : suggest(
          name,
          command.options.flatMap(({ long }) => long ?? []),
        );
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** Makes a program throw its usage errors, where commander would print them and exit. */
export function throwUsageErrors(command: Command): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : asUsageError(error, command);
  });
  for (const child of command.commands) throwUsageErrors(child);
}

/** Whether an error only says that help or the version was shown. */
export function isShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}
