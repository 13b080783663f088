import assert from 'node:assert/strict';
import type { AttachedDebugger, DebugTarget } from '../../../extension/src/engine/debugged-run.ts';
import { markProcesses } from '../../support/processes.ts';
import { removeProjects } from '../../support/project.ts';
import { closeEngines, letGo, makeFakeProject, openEngine, type OpenEngine } from './engines.ts';

const underDebugger = { trigger: { kind: 'debug' }, only: [] } as const;

interface Debugging extends OpenEngine {
  readonly targets: readonly DebugTarget[];
  /** What the inspector said of the process, when it was attached to. */
  readonly inspected: readonly string[];
  detach(): void;
  readonly detached: Promise<void>;
}

/** An engine whose debugger asks the inspector who it is, and stays until it is told to go. */
function openDebugging(steps: readonly string[], env: { readonly [name: string]: string }): Debugging {
  const targets: DebugTarget[] = [];
  const inspected: string[] = [];
  const ended = Promise.withResolvers<void>();
  const attachDebugger = async (target: DebugTarget): Promise<AttachedDebugger> => {
    targets.push(target);
    inspected.push(await letGo(target));
    return { ended: ended.promise, detach: ended.resolve };
  };
  const timing = { cancelLimitMs: 200 };
  return {
    ...openEngine({ root: makeFakeProject(steps), env, attachDebugger, timing }),
    targets,
    inspected,
    detach: ended.resolve,
    detached: ended.promise,
  };
}

describe('a run under the debugger', () => {
  afterEach(closeEngines);
  after(removeProjects);

  it('has an engine of its own, to which the debugger is attached before anything runs, and which ends with the run', async () => {
    const mark = markProcesses();
    const open = openDebugging(['a'], mark.env);
    await open.engine.load();
    const { pid } = open.engine;
    assert.equal(mark.living().length, 1);
    const { runId } = await open.engine.run({ pipeline: 'ci', only: ['a'], debug: true }, underDebugger);
    assert.deepEqual(
      open.targets.map(({ name, configFile }) => [name, configFile]),
      [['a', open.engine.key]],
    );
    assert.deepEqual(open.inspected, ['node.js instance']);
    await open.until('the end', () => open.store.run(runId)?.state === 'passed');
    assert.equal(open.stateOf('a'), 'passed');
    await mark.reaches(1);
    assert.equal(open.engine.pid, pid);
    assert.deepEqual(open.engine.runIds, []);
  });

  for (const step of ['slow', 'spin']) {
    it(`can be stopped: ${step === 'spin' ? 'while it stands still' : 'in order'}`, async () => {
      const mark = markProcesses();
      const open = openDebugging([step], mark.env);
      const { runId } = await open.engine.run({ debug: true }, underDebugger);
      await open.until('the start', () => open.stateOf(step) === 'running');
      assert.deepEqual(open.engine.runIds, [runId]);
      await open.engine.cancel({ runId });
      await open.until('the end', () => open.store.run(runId)?.state === 'cancelled');
      await mark.reaches(1);
    });
  }

  it('ends the debugger when the engine is gone', async () => {
    const open = openDebugging(['crash'], {});
    await open.engine.run({ debug: true }, underDebugger);
    await open.detached;
    assert.equal(open.store.runs[0]?.state, 'cancelled');
  });

  it('ends when the person ends the debugger', async () => {
    const mark = markProcesses();
    const open = openDebugging(['slow'], mark.env);
    const { runId } = await open.engine.run({ debug: true }, underDebugger);
    open.detach();
    await open.until('the end', () => open.store.run(runId)?.state === 'cancelled');
    await mark.reaches(1);
  });

  it('leaves no engine of its own when no debugger can be attached, or the order is taken back', async () => {
    const mark = markProcesses();
    const { engine } = openEngine({ root: makeFakeProject(['slow']), env: mark.env });
    await assert.rejects(engine.run({ debug: true }, underDebugger), /could not be attached/);
    const stop = new AbortController();
    const order = engine.run({ debug: true }, underDebugger, stop.signal);
    stop.abort();
    await assert.rejects(order);
    await mark.reaches(1);
  });
});
