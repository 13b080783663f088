import type { Command, Help, Option } from 'commander';
import type { Console } from './console.ts';
import { globalOptions } from './run-options.ts';

/** A command to try, and what it does; empty where it speaks for itself. */
export type Example = readonly [command: string, meaning: string];

/** Longer lines are hard to read, whatever the terminal's width. */
const widest = 100;

/** `<id...>` → `ID…`: people read capitals faster than brackets. */
export const metavariables = (flags: string): string =>
  flags.replace(
    /<([^>]+?)(\.\.\.)?>/g,
    (_all, name: string, more: string | undefined) => name.toUpperCase() + (more === undefined ? '' : '…'),
  );

function renderExamples(examples: readonly Example[], console: Console): string {
  const { paint } = console.out;
  const width = Math.max(...examples.filter(([, meaning]) => meaning !== '').map(([command]) => command.length), 0);
  const lines = examples.map(([command, meaning]) =>
    meaning === ''
      ? `  ${paint('bold', command)}`
      : `  ${paint('bold', command)}${' '.repeat(width - command.length)}  ${paint('dim', meaning)}`,
  );
  return `${paint('bold', 'Examples:')}\n${lines.join('\n')}\n`;
}

function ancestors(command: Command): Command[] {
  return command.parent === null ? [] : [...ancestors(command.parent), command.parent];
}

function usageOf(command: Command): string {
  const path = [...ancestors(command), command].map((each) => each.name()).join(' ');
  const operands = command.registeredArguments.map((argument) =>
    argument.required ? argument.name().toUpperCase() : `[${argument.name().toUpperCase()}]`,
  );
  if (command.parent === null) return `${path} [run] [PIPELINE] [options]\n       ${path} COMMAND [options]`;
  if (command.commands.length > 0) return `${path} COMMAND [options]`;
  return [path, ...operands, '[options]'].join(' ');
}

function walk(command: Command): Command[] {
  return [command, ...command.commands.flatMap(walk)];
}

/** The help of one command: usage, what it is for, arguments, commands, then options in their groups. */
function formatHelp(command: Command, helper: Help): string {
  const width = helper.padWidth(command, helper);
  const item = (term: string, description: string): string => helper.formatItem(term, width, description, helper);
  const options = (group: readonly Option[]): string[] =>
    group.map((option) => item(helper.styleOptionTerm(helper.optionTerm(option)), helper.optionDescription(option)));
  const groups = Map.groupBy(helper.visibleOptions(command), (option) => option.helpGroupHeading ?? 'Options:');
  const sections: readonly (readonly [heading: string, items: readonly string[]])[] = [
    [
      'Arguments:',
      helper
        .visibleArguments(command)
        .map((argument) => item(helper.styleArgumentTerm(helper.argumentTerm(argument)), helper.argumentDescription(argument))),
    ],
    [
      'Commands:',
      helper
        .visibleCommands(command)
        .map((child) => item(helper.styleSubcommandTerm(helper.subcommandTerm(child)), helper.subcommandDescription(child))),
    ],
    ...[...groups].map(([heading, group]) => [heading, options(group)] as const),
  ];
  const shown = sections.filter(([, items]) => items.length > 0);
  return [
    `${helper.styleTitle('Usage:')} ${helper.commandUsage(command)}`,
    helper.boxWrap(helper.commandDescription(command), helper.helpWidth ?? 80),
    ...shown.map(([heading, items]) => [helper.styleTitle(heading), ...items].join('\n')),
  ]
    .join('\n\n')
    .concat('\n');
}

/**
 * Gives the program its help: in groups, within the terminal's width, coloured where wanted, with examples. The
 * program's own help includes the options of `run`, because `run` is what it does without a command.
 */
export function arrangeHelp(
  program: Command,
  run: Command,
  console: Console,
  examples: Readonly<Record<string, readonly Example[]>>,
): void {
  const { paint } = console.out;
  const everywhere = [
    ...program.options,
    program.createOption('-h, --help', 'show help; also after a command').helpGroup(globalOptions.heading),
  ];
  const optionsOf = (command: Command): Option[] => {
    const own = command === program ? run.options : command.options;
    return [...own, ...everywhere].filter((option) => !option.hidden);
  };
  const style: Partial<Help> = {
    formatHelp,
    commandUsage: usageOf,
    visibleOptions: optionsOf,
    optionTerm: (option: Option) => metavariables(option.flags),
    argumentTerm: (argument) => argument.name().toUpperCase(),
    subcommandTerm: (command) => {
      const operands = command.registeredArguments.map((argument) => {
        const name = argument.name().toUpperCase();
        return argument.required ? name : `[${name}]`;
      });
      const below = command.commands.map((child) => usageOf(child).split(' ').slice(2, -1).join(' '));
      return [command.name(), ...operands, ...below].join(' ');
    },
    styleTitle: (text) => paint('bold', text),
    styleOptionTerm: (text) => paint('bold', text),
    styleSubcommandTerm: (text) => paint('bold', text),
    styleArgumentTerm: (text) => paint('bold', text),
  };
  for (const command of walk(program)) {
    if (command.commands.length > 0) command.helpCommand('help [command]', 'show help for a command');
    command.configureHelp(style);
    command.configureOutput({
      getOutHasColors: () => console.out.color,
      getErrHasColors: () => console.err.color,
      getOutHelpWidth: () => Math.min(console.out.columns, widest),
      getErrHelpWidth: () => Math.min(console.err.columns, widest),
      writeOut: (text) => console.out.write(text),
      // Errors reach the caller as exceptions and are shown there, once.
      writeErr: () => {},
    });
    const own = examples[command.name()];
    if (own !== undefined) command.addHelpText('after', () => `\n${renderExamples(own, console)}`.trimEnd());
  }
}
