import assert from 'node:assert/strict';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { ProjectSummary } from '../../../extension/src/api.ts';
import { addFiles } from '../../support/project.ts';
import { fakeTreadle } from '../../support/fake-treadle.ts';
import { openProject, repository, workshop, type SuiteProject } from './projects.ts';
import { spectator } from './spectator.ts';
import { reaches } from './treadle-api.ts';

const one = (id: string): string => JSON.stringify({ steps: [{ id, uses: 'shell', with: { command: `echo ${id}` } }] });

describe('a workspace', () => {
  let open: SuiteProject[] = [];
  afterEach(async () => {
    const closing = open;
    open = [];
    for (const project of closing) assert.deepEqual(await project.close(), []);
  });

  it('may have roots with different versions of Treadle, each run by its own', async () => {
    const project = await openProject(
      'other-core',
      { 'treadle.config.json': JSON.stringify({ steps: ['fast', 'slow'] }), ...fakeTreadle(repository(), '0.0.9') },
      'treadle.config.json',
    );
    open.push(project);
    const { api } = project;
    await reaches(
      api,
      'engines of both',
      () => api.projects.map(({ state }) => state),
      (states) => states.join() === 'ready,ready',
    );
    const versions = api.projects.map(({ label, coreVersion, state }) => `${label} ${coreVersion} ${state}`);
    const [storefront] = api.projects.filter(({ project }) => !project.startsWith(workshop().uri.fsPath));
    assert.deepEqual(versions.toSorted(), [`storefront ${storefront?.coreVersion} ready`, 'workshop/other-core 0.0.9 ready']);
    assert.notEqual(storefront?.coreVersion, '0.0.9');
    const fake = await project.start('ci', 'slow');
    const real = await api.run({ project: storefront?.project ?? '', pipeline: 'storefront', only: ['catalogue'] });
    await project.reaches('ci', { slow: 'running' });
    assert.equal((await project.end(real ?? '')).state, 'passed');
    assert.equal(project.node('ci', 'slow').state, 'running');
    await api.stop(fake);
    assert.equal((await project.end(fake)).state, 'cancelled');
  });

  it('may have a Treadle that speaks another language: the others go on', async () => {
    const project = await openProject(
      'too-new',
      { 'treadle.config.json': JSON.stringify({ steps: ['fast'] }), ...fakeTreadle(repository(), '9.0.0', 'protocol 99') },
      'treadle.config.json',
      ({ state }) => state === 'broken',
    );
    open.push(project);
    assert.deepEqual([project.summary()?.problem, project.summary()?.coreVersion], ['version', '9.0.0']);
    assert.deepEqual(
      project.api.projects.filter(({ state }) => state === 'ready').map(({ label }) => label),
      ['storefront'],
    );
    assert.equal(await project.api.run({ project: project.configFile, pipeline: 'ci' }), undefined);
  });

  it('may have projects within projects, each with an engine of its own', async () => {
    const outer = await openProject('nested', { 'treadle.config.json': one('outer') }, 'treadle.config.json');
    open.push(outer);
    addFiles(outer.folder, { 'packages/inner/treadle.config.json': one('inner') });
    const inner = outer.path('packages/inner/treadle.config.json');
    const find = (): ProjectSummary | undefined => outer.api.projects.find(({ project }) => project === inner);
    await reaches(outer.api, 'inner project', find, (found) => found?.state === 'ready');
    assert.equal(find()?.label, 'workshop/nested/packages/inner');
    const engines = outer.mark.living().filter(({ command }) => command.endsWith('serve --stdio'));
    assert.equal(engines.length, 2);
    const runId = await outer.api.run({ project: inner, pipeline: 'default' });
    assert.equal((await outer.end(runId ?? '')).state, 'passed');
    assert.deepEqual(
      outer.api.runs.filter(({ project }) => dirname(project).startsWith(outer.folder)).map(({ project }) => project),
      [inner],
    );
    await rm(outer.path('packages'), { recursive: true });
    await reaches(outer.api, 'end of the inner project', find, (found) => found === undefined);
    await outer.mark.becomes((found) => found.filter(({ command }) => command.endsWith('serve --stdio')).length === 1);
    assert.equal(outer.summary()?.state, 'ready');
  });

  it('keeps no row of a pipeline file that was renamed, by the editor or beside it', async () => {
    const project = await openProject('renamed', { 'treadle.config.json': one('first') }, 'treadle.config.json');
    open.push(project);
    const { api } = project;
    await project.end(await project.start('default'));
    const there = (): readonly string[] => api.projects.map((found) => found.project).filter((file) => file.startsWith(project.folder));
    const moved = project.path('elsewhere/treadle.config.json');
    await mkdir(project.path('elsewhere'));
    await rename(project.configFile, moved);
    await reaches(api, 'moved file', there, (files) => files.join() === moved);
    await reaches(
      api,
      'loaded project',
      () => api.projects.find((found) => found.project === moved),
      (found) => found?.state === 'ready',
    );
    assert.deepEqual(
      api.runs.filter((run) => run.project.startsWith(project.folder)),
      [],
    );
    const tests = await spectator();
    const roots = (): readonly string[] => tests.labels(project.folder);
    await tests.until('test item of the moved file', () => roots().join() === 'workshop/renamed/elsewhere');

    const back = new vscode.WorkspaceEdit();
    back.renameFile(vscode.Uri.file(moved), vscode.Uri.file(project.configFile));
    assert.ok(await vscode.workspace.applyEdit(back));
    await reaches(api, 'file where it was', there, (files) => files.join() === project.configFile);
    await tests.until('test item of the first file', () => roots().join() === 'workshop/renamed');
    await project.until('engine', () => project.summary()?.state === 'ready');
    assert.equal(project.mark.living().filter(({ command }) => command.endsWith('serve --stdio')).length, 1);
  });

  it('keeps no row of a pipeline that was taken out of its file, or of a file that was deleted while it ran', async () => {
    const file = (names: readonly string[]): string =>
      `import { definePipeline } from 'treadle';\nimport { shell } from 'treadle/plugins';\nexport default {\n${names
        .map((name) => `  ${name}: definePipeline([shell('${name}', 'sleep 604')]),`)
        .join('\n')}\n};\n`;
    const project = await openProject('deleted', { 'treadle.config.ts': file(['one', 'two']) });
    open.push(project);
    const { api } = project;
    const names = (): readonly string[] =>
      api.pipelines.filter((found) => found.project === project.configFile).map(({ pipeline }) => pipeline);
    assert.deepEqual(names(), ['one', 'two']);
    addFiles(project.folder, { 'treadle.config.ts': file(['two']) });
    await reaches(api, 'one pipeline', names, (found) => found.join() === 'two');
    await project.start('two');
    await project.mark.finds(({ command }) => command === 'sleep 604');
    await rm(project.configFile);
    await reaches(api, 'end of the project', project.summary, (found) => found === undefined);
    assert.deepEqual([names(), project.runs()], [[], []]);
    assert.deepEqual(await project.mark.leftovers(5000), []);
    const tests = await spectator();
    await tests.until('test explorer without it', () => tests.labels(project.folder).length === 0);
    addFiles(join(project.folder), { 'treadle.config.ts': file(['three']) });
    await reaches(api, 'new project', names, (found) => found.join() === 'three');
  });
});
