import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { openProject, settlesTo, type SuiteProject } from './projects.ts';
import { patienceMs } from './treadle-api.ts';

const config = `import { definePipeline, step } from 'treadle';
import counts from './plugins/counts.ts';

export default {
  ci: definePipeline([
    step('adds', (context) => {
      const sum: number = 1 + 1;
      context.results.sum = sum; // here
    }),
    counts('counts', { to: 3 }),
  ]),
};
`;

const plugin = `import { definePlugin } from 'treadle';
import * as v from 'valibot';

interface Counted {
  readonly last: number;
}

export default definePlugin({
  options: v.object({ to: v.number() }),
  run(context, { to }) {
    const counted: Counted = { last: to };
    context.results['counted'] = counted.last; // here
  },
});
`;

/** Where the debugger stands. */
interface Stop {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Of variables in the innermost frame. */
  evaluate(expression: string): Promise<string>;
}

/** The debugger names files as the window does: by their URI, where they are on another machine. */
function filePath(path: string): string {
  return path.startsWith('vscode-remote:') ? vscode.Uri.parse(path).path : path;
}

/** Resolves when the debugger stops, at a breakpoint or elsewhere. */
function nextStop(): Promise<Stop> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const end = (): void => {
      clearTimeout(deadline);
      listening.dispose();
    };
    const deadline = setTimeout(() => {
      end();
      reject(new Error(`The debugger has not stopped. It said:\n${said.join('\n').slice(-4000)}`));
    }, patienceMs);
    const look = async (session: vscode.DebugSession, threadId: number): Promise<void> => {
      const { stackFrames } = await session.customRequest('stackTrace', { threadId, levels: 1 });
      const [frame] = stackFrames;
      end();
      resolve({
        session,
        threadId,
        file: filePath(frame.source?.path ?? ''),
        line: frame.line,
        evaluate: async (expression) =>
          (await session.customRequest('evaluate', { expression, frameId: frame.id, context: 'repl' })).result,
      });
    };
    const listening = vscode.debug.registerDebugAdapterTrackerFactory('*', {
      createDebugAdapterTracker: (session) => ({
        onDidSendMessage: (message: { type: string; event?: string; body?: { threadId?: number; output?: string } }) => {
          said.push(JSON.stringify(message).slice(0, 300));
          if (message.type === 'event' && message.event === 'stopped') void look(session, message.body?.threadId ?? 0).catch(reject);
        },
      }),
    });
  });
}

/** Resolves when nothing is debugged any more. */
function noSession(): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (vscode.debug.activeDebugSession !== undefined) return;
      listening.dispose();
      resolve();
    };
    const listening = vscode.debug.onDidChangeActiveDebugSession(look);
    look();
  });
}

describe('debugging a step', () => {
  let project: SuiteProject;
  before(async () => {
    project = await openProject('debugged', { 'treadle.config.ts': config, 'plugins/counts.ts': plugin });
  });
  afterEach(() => vscode.debug.removeBreakpoints(vscode.debug.breakpoints));
  after(async () => assert.deepEqual(await project.close(), []));

  const lineOf = (text: string): number => text.split('\n').findIndex((line) => line.includes('// here'));
  const breakAt = (file: string, text: string): void =>
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(vscode.Uri.file(file), new vscode.Position(lineOf(text), 0))),
    ]);

  for (const [title, id, file, text, expression, value] of [
    ['a function in the pipeline file', 'adds', 'treadle.config.ts', config, 'sum', '2'],
    ['a plugin in TypeScript', 'counts', 'plugins/counts.ts', plugin, 'counted.last', '3'],
  ] as const) {
    it(`stops at a breakpoint in ${title}, and goes on to its end`, async () => {
      breakAt(project.path(file), text);
      const stopped = nextStop();
      const known = project.runs().length;
      void vscode.commands.executeCommand('treadle.debug', project.node('ci', id).key);
      const stop = await stopped;
      assert.deepEqual([stop.file, stop.line], [project.path(file), lineOf(text) + 1]);
      assert.equal(await stop.evaluate(expression), value);
      await project.until('running step', () => project.node('ci', id).state === 'running');
      await stop.session.customRequest('continue', { threadId: stop.threadId });
      await project.until('run', () => project.runs().length > known);
      assert.equal((await project.end(project.runs()[0]?.runId ?? '')).state, 'passed');
      await noSession();
    });
  }

  it('is stopped while the debugger stands at a breakpoint, and leaves no process', async () => {
    const before = project.mark.living();
    breakAt(project.configFile, config);
    const stopped = nextStop();
    void vscode.commands.executeCommand('treadle.debug', project.node('ci', 'adds').key);
    await stopped;
    await project.until('running step', () => project.node('ci', 'adds').state === 'running');
    const gone = Promise.withResolvers<void>();
    const listening = vscode.debug.onDidTerminateDebugSession(() => gone.resolve());
    await vscode.commands.executeCommand('treadle.stop', project.node('ci', 'adds').key);
    assert.equal((await project.end(project.runs()[0]?.runId ?? '')).state, 'cancelled');
    await gone.promise;
    listening.dispose();
    await settlesTo(project.mark, before);
  });

  it('ends with the debugger', async () => {
    const before = project.mark.living();
    breakAt(project.configFile, config);
    const stopped = nextStop();
    void vscode.commands.executeCommand('treadle.debug', project.node('ci', 'adds').key);
    const { session } = await stopped;
    await project.until('running step', () => project.node('ci', 'adds').state === 'running');
    await vscode.debug.stopDebugging(session.parentSession ?? session);
    assert.equal((await project.end(project.runs()[0]?.runId ?? '')).state, 'cancelled');
    await settlesTo(project.mark, before);
  });
});
