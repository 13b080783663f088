import type { Processes, StepHost } from '../contract/executor.ts';
import type { Attachments } from './attachments.ts';
import type { EventLog } from './event-log.ts';
import type { ProgressEvents } from './progress-events.ts';
import type { Recollection } from './recollection.ts';

/** Who hears what the steps of a run say. */
export interface StepHears {
  readonly emit: EventLog['emit'];
  readonly progress: ProgressEvents;
  readonly processes: Processes;
  readonly attachments: Attachments;
  readonly recollection: Recollection | undefined;
}

/** What a step's code can reach of the run: each thing that it says becomes an event of the run. */
export function stepHost(id: string, { emit, progress, processes, attachments, recollection }: StepHears): StepHost {
  const output = (stream: 'stdout' | 'stderr', text: string): void => emit({ type: 'step:output', id, stream, text });
  return {
    progress: (percent, message) => progress.report(id, percent, message),
    output,
    test: (result) => {
      recollection?.noteTest(id, result);
      emit({ type: 'step:test', id, ...result });
    },
    diagnostic: (problem) => {
      recollection?.noteDiagnostic(id, problem);
      emit({ type: 'step:diagnostic', id, ...problem });
    },
    warning: (message) => emit({ type: 'step:warning', id, message }),
    attach: (name, content) => emit({ type: 'step:attachment', id, name, ...attachments.write(id, name, content) }),
    exec: (request, listener) => {
      if (request.lifetime === 'run') recollection?.noteService(id);
      return processes.exec(id, request, {
        started: (pid) => listener.started(pid),
        line: (line, stream) => listener.line(line, stream),
        exit: (result) => listener.exit(result),
        error: (error) => listener.error(error),
        ...(request.show ? { output } : {}),
      });
    },
  };
}
