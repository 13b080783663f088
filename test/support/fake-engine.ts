import { readFileSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { createMessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type { RunEvent, RunEventBody } from '../../core/contract/events.ts';
import type { Plan } from '../../core/contract/plan.ts';
import type { RpcRequests, RpcServerNotifications, RunEnd } from '../../core/contract/rpc.ts';
import type { Status } from '../../core/contract/status.ts';
import { pipelineNode, stepNode } from './plans.ts';

// An engine that does what it should not, for tests of the editor's side. The pipeline file lists step ids, which say
// what becomes of them: `slow…` runs until it is cancelled, `crash…` ends the process, `spin…` never answers again,
// `early…` is told of before the run request is answered; every other step passes. FAKE_ENGINE says how it starts.

const mode = process.env['FAKE_ENGINE'] ?? '';
if (mode === 'exits') {
  process.stderr.write('Something is missing.\n');
  process.exit(7);
}
if (mode !== 'survives') process.stdin.on('end', () => process.exit(0));
// Keeps running when its input has ended.
if (mode === 'survives') setInterval(() => undefined, 1000);

const connection = createMessageConnection(process.stdin, process.stdout);
let configFile = '';
let count = 0;
const running = new Map<string, { readonly plan: Plan; readonly step: string; seq: number }>();

function answer<Method extends keyof RpcRequests>(
  method: Method,
  handler: (params: RpcRequests[Method]['params']) => RpcRequests[Method]['result'] | Promise<RpcRequests[Method]['result']>,
): void {
  connection.onRequest<unknown, unknown>(method, (params: RpcRequests[Method]['params']) => handler(params));
}

function tell<Method extends keyof RpcServerNotifications>(method: Method, params: RpcServerNotifications[Method]): void {
  void connection.sendNotification(method, params);
}

function readPlan(): Plan {
  const steps: unknown = JSON.parse(readFileSync(configFile, 'utf8')).steps;
  if (!Array.isArray(steps)) throw new Error('no steps');
  return pipelineNode(steps.map((id) => stepNode(String(id), { weight: 100 / steps.length })));
}

function send(runId: string, ...bodies: readonly RunEventBody[]): void {
  const run = running.get(runId);
  if (run === undefined) return;
  const events = bodies.map((body): RunEvent => ({ v: 1, seq: run.seq++, ts: Date.now(), runId, ...body }));
  tell('run/events', { runId, events });
}

function ended(id: string, status: Status): RunEventBody {
  return { type: 'step:end', id, status, durationMs: 1, attempts: 1, flaky: false, cached: false, overall: 100 };
}

function finish(runId: string, status: Status): void {
  const counts: RunEnd['counts'] = { steps: 1, passed: 0, failed: 0, timedOut: 0, cancelled: 0, skipped: 0, flaky: 0, cached: 0 };
  send(runId, { type: 'run:end', status, durationMs: 1, counts, results: {}, errors: [] });
  running.delete(runId);
  tell('run/end', { runId, pipeline: 'ci', status, counts });
}

answer('initialize', (params) => {
  if (mode === 'silent') return new Promise(() => undefined);
  if (mode === 'refuses') throw new ResponseError(-32_000, 'too old', { code: 'E_USAGE', name: 'Error', message: 'It speaks 99 only.' });
  configFile = join(params.cwd, params.configFile ?? '');
  const protocol = mode === 'protocol 99' ? 99 : 1;
  return { protocol, coreVersion: '1.2.3', nodeVersion: process.version, pid: process.pid, capabilities: { watch: 'files' } };
});

answer('list', () => {
  const files = [configFile];
  try {
    const pipelines = [{ name: 'ci', plan: readPlan(), isDefault: true }];
    return { kind: 'loaded', root: dirname(configFile), configFile, pipelines, plugins: [], problems: [], files };
  } catch (error) {
    return { kind: 'broken', problems: [{ code: 'E_CONFIG_INVALID', name: 'Error', message: String(error) }], files };
  }
});

function spin(): never {
  for (;;);
}

answer('run', ({ only }) => {
  const whole = readPlan();
  const plan = { ...whole, children: whole.children.filter(({ id }) => only === undefined || only.includes(id)) };
  const runId = `${process.pid}-${(count += 1)}`;
  const step = plan.children[0]?.id;
  if (step === undefined) {
    const message = `There is no step "${only?.join()}".`;
    throw new ResponseError(-32_000, message, { code: 'E_STEP_UNKNOWN', name: 'Error', message });
  }
  running.set(runId, { plan, step, seq: 0 });
  const go = (): void => {
    send(runId, { type: 'run:start', pipeline: 'ci', plan, cwd: process.cwd() });
    send(runId, { type: 'step:start', id: step, attempt: 1, executor: 'inline' });
    if (step.startsWith('slow')) return;
    // What was said before is written when this is.
    const said = connection.sendNotification('log', { level: 'info', message: `now ${step}` });
    if (step.startsWith('crash')) return void said.then(() => process.exit(9));
    if (step.startsWith('spin')) return void said.then(spin);
    send(runId, ended(step, 'passed'));
    finish(runId, 'passed');
  };
  if (step.startsWith('early')) go();
  // The answer is written by then, even if nothing is after it.
  else setTimeout(go, 20);
  return { runId, pipeline: 'ci', plan, outputFolder: dirname(configFile) };
});

answer('runFailed', () => null);
answer('cancel', ({ runId, force }) => {
  for (const [id, { step }] of running) {
    if (runId !== undefined && runId !== id) continue;
    if (step.startsWith('slow-to-stop') && force !== true) continue;
    send(id, ended(step, 'cancelled'));
    finish(id, 'cancelled');
  }
  return null;
});
answer('setWatch', (params) => {
  tell('log', { level: 'info', message: `setWatch ${JSON.stringify(params)}` });
  return null;
});
answer('ping', () => null);
answer('shutdown', () => {
  if (mode !== 'survives') setImmediate(() => process.exit(0));
  return null;
});
connection.listen();
