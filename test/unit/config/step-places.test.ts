import assert from 'node:assert/strict';
import { globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'mocha';
import { loadProject } from '../../../core/config/load-project.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

/** A pipeline of two steps, in lines of their own. */
const source = (before: string): string =>
  `import { definePipeline, step } from 'treadle';\n${before}export default definePipeline([\n  step('a', () => 1),\n  step('b', () => 2)]);\n`;

describe('the places of steps', () => {
  after(removeProjects);

  it('are found again without reading source maps, and anew where the sources have changed', async () => {
    const root = makeProject({ 'treadle.config.ts': source('') });
    const lines = async (): Promise<readonly (number | undefined)[]> => {
      const { pipelines } = await loadProject({ cwd: root });
      return pipelines.get('default')?.plan.children.map((child) => child.location?.line) ?? [];
    };
    assert.deepEqual(await lines(), [3, 4]);
    const [file = ''] = globSync('.treadle/compiled/*.positions.json', { cwd: root }).map((name) => join(root, name));
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"line":4', '"line":40'));
    assert.deepEqual(await lines(), [3, 40]);
    writeFileSync(file, 'torn');
    assert.deepEqual(await lines(), [3, 4]);
    writeFileSync(join(root, 'treadle.config.ts'), source('\n'));
    assert.deepEqual(await lines(), [4, 5]);
  });

  it('follow a project that moves together with sources outside of it', async () => {
    const above = makeProject({
      'before/shared.ts': `import { step } from 'treadle';\nexport const shared = step('shared', () => 1);\n`,
      'before/app/treadle.config.ts': `import { definePipeline } from 'treadle';\nimport { shared } from '../shared.ts';\nexport default definePipeline([shared]);\n`,
    });
    const place = async (folder: string): Promise<string | undefined> => {
      const { pipelines } = await loadProject({ cwd: join(above, folder, 'app') });
      return pipelines.get('default')?.plan.children[0]?.location?.file;
    };
    assert.equal(await place('before'), join(above, 'before/shared.ts'));
    renameSync(join(above, 'before'), join(above, 'after'));
    assert.equal(await place('after'), join(above, 'after/shared.ts'));
  });
});
