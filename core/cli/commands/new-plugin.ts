import { relative } from 'node:path';
import type { ExitCode } from '../../contract/errors.ts';
import { scaffoldPlugin } from '../../plugins/scaffold.ts';
import type { Console } from '../console.ts';
import type { GlobalFlags } from '../program.ts';
import { locateProject } from '../project-location.ts';

/** `treadle new plugin NAME`: writes a plugin and says how to use it. */
export async function newPlugin(name: string, flags: GlobalFlags, console: Console): Promise<ExitCode> {
  const { cwd } = locateProject(flags);
  const files = await scaffoldPlugin(cwd, name);
  const { paint } = console.out;
  const written = files.map((file) => `${paint('green', 'wrote')} ${relative(cwd, file)}\n`).join('');
  const next = `\nUse it in treadle.config.ts:\n\n  step('try-${name}', { uses: '${name}' })\n\nand see what it takes with ${paint('cyan', 'treadle plugins')}.\n`;
  console.out.write(written + next);
  return 0;
}
