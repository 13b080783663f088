import { stepsIn } from '../../../core/contract/plan.ts';
import { isStopping } from '../store/is-stopping.ts';
import type { RunRecord } from '../store/records.ts';
import type { Translate } from '../translate.ts';

/** What a run that was stopped is about: `stopping`, and `cleaning up` while steps run that do so whatever happens. */
export function stoppingText(run: RunRecord | undefined, t: Translate): string | undefined {
  if (run === undefined || !isStopping(run)) return undefined;
  return cleansUp(run) ? t('cleaning up') : t('stopping');
}

/** The same in sentences, with the way out. */
export function stoppingHint(run: RunRecord | undefined, t: Translate): string | undefined {
  if (run === undefined || !isStopping(run)) return undefined;
  if (run.stopped?.by === 'save')
    return cleansUp(run)
      ? t('A file was saved: the run cleans up, and the next one begins then. Stop it, and none begins.')
      : t('A file was saved: the steps of the run are ending, and the next one begins then. Stop it, and none begins.');
  return cleansUp(run)
    ? t('The run was stopped and cleans up: what runs whatever happens still does. Stop it once more to kill that.')
    : t('The run was stopped, and its steps are ending. Stop it once more to kill them at once.');
}

function cleansUp({ plan, spans }: RunRecord): boolean {
  const running = new Set(spans.flatMap(({ kind, state, nodeId }) => (kind === 'step' && state === 'running' ? [nodeId] : [])));
  return running.size > 0 && stepsIn(plan).some(({ id, when }) => when === 'always' && running.has(id));
}
