import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { loadProject } from '../../config/load-project.ts';
import { isTreadleError, TreadleError, type ExitCode } from '../../contract/errors.ts';
import { writeWhole } from '../../files/own-files.ts';
import { isInside } from '../../files/project-path.ts';
import { findPackage } from '../../init/manifest.ts';
import { planFiles, type PlannedFile } from '../../init/planned-files.ts';
import { readProjectFacts, type ProjectFacts } from '../../init/project-facts.ts';
import type { Console } from '../console.ts';
import type { InitFlags } from '../flags.ts';
import { openQuestions, type Questions } from '../init/ask.ts';
import { describeFacts } from '../init/describe-facts.ts';
import { showFile } from '../init/preview.ts';
import { renderPlan } from '../plan-tree.ts';
import { locateProject } from '../project-location.ts';

/** `treadle init`: writes a pipeline file, and what goes with it, for a project that has none. */
export async function initProject(flags: InitFlags, console: Console): Promise<ExitCode> {
  if (flags.config !== undefined)
    throw new TreadleError('E_USAGE', 'treadle init names the pipeline file itself: --config cannot be used with it.');
  const root = findPackage(locateProject(flags).cwd);
  const facts = readProjectFacts(root);
  const { files, kept, remarks } = await planFiles(facts, { ci: flags.ci, plugin: flags.plugin !== false });
  const { paint } = console.out;
  const shown = describeFacts(facts).map(([what, value]) => `${paint('dim', what.padEnd(10))} ${value}\n`);
  console.out.write(`${shown.join('')}\n`);
  for (const path of kept) console.out.write(`${paint('bold', path)}  ${paint('dim', 'is there already, and stays as it is')}\n\n`);
  for (const file of files) console.out.write(`${showFile(file, console.out)}\n`);
  console.out.write(remarks.map((remark) => `${remark}\n\n`).join(''));
  if (files.length === 0) console.out.write('There is nothing to write.\n');
  if (flags.dryRun === true || files.length === 0) return 0;

  const chosen = await choose(files, flags);
  if (chosen === undefined) return 130;
  for (const file of chosen) {
    await write(root, file);
    const done = paint('green', file.before === undefined ? 'wrote  ' : 'changed');
    console.out.write(`${done}  ${relative(process.cwd(), join(root, file.path))}\n`);
  }
  if (chosen.length === 0) console.out.write('Nothing was written.\n');
  await conclude(facts, chosen, flags, console);
  return 0;
}

/** The files to write; nothing when the person at the terminal went away. */
async function choose(files: readonly PlannedFile[], flags: InitFlags): Promise<readonly PlannedFile[] | undefined> {
  const isLost = ({ before, isAddition }: PlannedFile): boolean => before !== undefined && !isAddition;
  const safe = files.filter((file) => !isLost(file));
  const lost = files.filter(isLost);
  if (flags.yes === true) return flags.force === true ? files : safe;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new TreadleError('E_USAGE', 'Nothing was written: there is no terminal to ask on.', {
      hint: 'Run treadle init --yes to write these files, or treadle init --dry-run to look at them.',
    });
  }
  const questions = openQuestions();
  try {
    return await askFor(safe, lost, flags.force === true, questions);
  } finally {
    questions.close();
  }
}

async function askFor(
  safe: readonly PlannedFile[],
  lost: readonly PlannedFile[],
  isForced: boolean,
  questions: Questions,
): Promise<readonly PlannedFile[] | undefined> {
  const chosen: PlannedFile[] = [];
  if (safe.length > 0) {
    const answer = await questions.yesOrNo(safe.length === 1 ? 'Write this file?' : `Write these ${safe.length} files?`, true);
    if (answer === undefined) return undefined;
    if (answer) chosen.push(...safe);
  }
  for (const file of lost) {
    const answer = isForced || (await questions.yesOrNo(`${file.path} exists. Overwrite it?`, false));
    if (answer === undefined) return undefined;
    if (answer) chosen.push(file);
  }
  return chosen;
}

/** @throws `E_PATH_OUTSIDE` through a link that leads out of the project, `E_INIT` for what cannot be written. */
async function write(root: string, { path, text, before }: PlannedFile): Promise<void> {
  const file = join(root, path);
  try {
    await mkdir(dirname(file), { recursive: true });
    if (!isInside(await realpath(root), await realpath(dirname(file)))) {
      throw new TreadleError('E_PATH_OUTSIDE', `${path} lies outside the project: ${dirname(path)} is a link.`);
    }
    // What has come since it was looked for is not overwritten.
    if (before === undefined) await writeFile(file, text, { flag: 'wx' });
    else await writeWhole(file, text);
  } catch (error) {
    if (isTreadleError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TreadleError('E_INIT', `${path} cannot be written: ${reason}`, {
      hint: 'Files named before it have been written.',
      cause: error,
    });
  }
}

async function conclude(facts: ProjectFacts, written: readonly PlannedFile[], flags: InitFlags, console: Console): Promise<void> {
  const { root, manifest, packageManager, ciFiles } = facts;
  const { paint } = console.out;
  if (!written.some(({ path }) => path.startsWith('treadle.config.'))) return;
  const { pipelines } = await loadProject({ cwd: root });
  for (const { plan } of pipelines.values()) console.out.write(`\n${renderPlan(plan, 'purpose', paint)}`);
  const isInstalled = manifest.packages.has('treadle');
  const next: (readonly [string, string])[] = [
    ...(isInstalled ? [] : [['Install it', addCommand(facts)] as const]),
    ['Run it', `${packageManager.exec} treadle`],
    ['While you work', `${packageManager.exec} treadle watch`],
    ...(flags.ci === undefined && ciFiles.length === 0 ? [['In CI', `${packageManager.exec} treadle init --ci github`] as const] : []),
  ];
  console.out.write(`\n${next.map(([what, command]) => `${what.padEnd(15)} ${paint('bold', command)}\n`).join('')}`);
}

/** pnpm wants to be told that the workspace itself is meant, and not one of its packages. */
function addCommand({ packageManager, workspaces }: ProjectFacts): string {
  const isRoot = packageManager.name === 'pnpm' && workspaces.length > 0;
  return isRoot ? packageManager.addTreadle.replace('--save-dev', '--save-dev --workspace-root') : packageManager.addTreadle;
}
