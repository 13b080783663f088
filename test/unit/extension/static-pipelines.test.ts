import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PlanNode } from '../../../core/contract/plan.ts';
import { readStaticPipelines } from '../../../extension/src/static-pipelines.ts';
import { makeProject, removeProjects } from '../../support/project.ts';

function outline(node: PlanNode): string {
  return node.kind === 'step' ? node.id : `${node.id}(${node.children.map(outline).join(' ')})`;
}

async function read(text: string, file = 'treadle.config.json'): Promise<readonly string[]> {
  const pipelines = await readStaticPipelines(join(makeProject({ [file]: text }), file));
  return pipelines.map(({ name, plan }) => `${name}: ${outline(plan)}`);
}

describe('what is shown of a pipeline file before the folder is trusted', () => {
  after(removeProjects);

  it('is the shape of a JSON file, comments or not', async () => {
    const text = `{ // a comment
      "name": "ci",
      "steps": [
        { "id": "types", "uses": "shell", "with": { "command": "tsc" } },
        [{ "id": "lint" }, { "sequence": [{ "id": "build" }, { "id": "unit" }] }],
        { "any": [{ "id": "primary" }], "id": "reachable" },
        { "atLeast": [{ "id": "types" }], "count": 1, },
      ],
    }`;
    assert.deepEqual(await read(text), ['ci: pipeline(types all(lint sequence(build unit)) reachable(primary) atLeast(types#2))']);
  });

  it('is nothing where the file is code, or makes no sense', async () => {
    assert.deepEqual(await read('throw new Error("run")', 'treadle.config.mjs'), []);
    for (const text of ['', 'null', '[]', '{"steps": 3}', '{"steps": {"length": 2}}']) assert.deepEqual(await read(text), []);
    assert.deepEqual(await read('{"steps": [null, 3, {"uses": "shell"}, {"id": 5}, {"id": "__proto__"}]}'), [
      'default: pipeline(__proto__)',
    ]);
  });
});
