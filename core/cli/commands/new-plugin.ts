import { dirname, relative } from 'node:path';
import type { ExitCode } from '../../contract/errors.ts';
import { scaffoldPlugin } from '../../plugins/scaffold.ts';
import type { Console } from '../console.ts';
import type { GlobalFlags } from '../flags.ts';
import { configOf, locateProject } from '../project-location.ts';

/** `treadle new plugin NAME`: writes a plugin with its test and says what to do next. */
export async function newPlugin(name: string, flags: GlobalFlags, console: Console): Promise<ExitCode> {
  const location = locateProject(flags);
  const config = configOf(location);
  const { files } = await scaffoldPlugin({ root: config === undefined ? location.cwd : dirname(config), name });
  const { paint } = console.out;
  const shown = files.map((file) => relative(process.cwd(), file));
  const trial = shown.find((file) => /treadle\.config\.[^/\\]+$/.test(file));
  const lines = [
    ...shown.map((file) => `${paint('green', 'wrote')}  ${file}`),
    '',
    ...(trial === undefined ? [] : [`Try it:  ${paint('bold', `treadle --config ${trial}`)}`]),
    `Use it:  ${paint('bold', `step('${name}', { uses: '${name}', with: { who: 'you' } })`)}`,
  ];
  console.out.write(`${lines.join('\n')}\n`);
  return 0;
}
