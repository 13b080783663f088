import type { RunEventBody } from '../contract/events.ts';
import type { KeptServices, Processes, ServiceRemark, StepHost } from '../contract/executor.ts';
import type { StepRemark } from '../contract/memory.ts';
import type { Attachments } from './attachments.ts';
import type { ProgressEvents } from './progress-events.ts';
import type { Recollection } from './recollection.ts';

/** Who hears what the steps of a run say. */
export interface StepHears {
  readonly emit: (event: RunEventBody) => void;
  readonly progress: ProgressEvents;
  readonly processes: Processes;
  readonly attachments: Attachments;
  readonly recollection: Recollection | undefined;
  readonly services: KeptServices | undefined;
  /** Hears the services that this run started, where none are kept for further runs. */
  readonly service: (id: string, remark: ServiceRemark) => void;
}

/** What a step's code can reach of the run: each thing that it says becomes an event of the run. */
export function stepHost(id: string, hears: StepHears): StepHost {
  const { progress, processes, recollection, services, service } = hears;
  const say = (remark: StepRemark): void => {
    recollection?.note(id, remark);
    sayRemark(id, remark, hears);
  };
  const output = (stream: 'stdout' | 'stderr', text: string): void => say({ type: 'output', stream, text });
  return {
    progress: (percent, message) => progress.report(id, percent, message),
    output,
    test: (result) => say({ type: 'test', result }),
    diagnostic: (problem) => say({ type: 'diagnostic', problem }),
    warning: (message) => say({ type: 'warning', message }),
    attach: (name, content) => say({ type: 'attachment', name, content }),
    exec: (request, listener) => {
      const isService = request.lifetime === 'run';
      if (isService) recollection?.noteService(id);
      // What a service says later belongs to the run that is under way then.
      const hear = (remark: ServiceRemark): void => (services === undefined ? service(id, remark) : services.say(id, remark));
      const heard = isService ? (stream: 'stdout' | 'stderr', text: string) => hear({ type: 'output', stream, text }) : output;
      return processes.exec(id, request, {
        started: (pid) => listener.started(pid),
        line: (line, stream) => listener.line(line, stream),
        exit: (result) => listener.exit(result),
        error: (error) => listener.error(error),
        endedByItself: (exitCode, message) => hear({ type: 'ended', exitCode, message }),
        ...(request.show ? { output: heard } : {}),
      });
    },
  };
}

/** Makes an event of what a step says, or said in an earlier run. */
export function sayRemark(id: string, remark: StepRemark, { emit, attachments }: Pick<StepHears, 'emit' | 'attachments'>): void {
  switch (remark.type) {
    case 'output':
      return emit({ type: 'step:output', id, stream: remark.stream, text: remark.text });
    case 'test':
      return emit({ type: 'step:test', id, ...remark.result });
    case 'diagnostic':
      return emit({ type: 'step:diagnostic', id, ...remark.problem });
    case 'warning':
      return emit({ type: 'step:warning', id, message: remark.message });
    case 'attachment':
      return emit({ type: 'step:attachment', id, name: remark.name, ...attachments.write(id, remark.name, remark.content) });
  }
}
