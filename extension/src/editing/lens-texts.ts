import type { NodeKey, NodeRecord } from '../store/records.ts';
import { formatDuration } from '../tree/durations.ts';
import { nodeIcon } from '../tree/icons.ts';
import { stateWord, tellsProgress } from '../tree/labels.ts';
import type { Translate } from '../translate.ts';

/** What stands above a step or pipeline in its file. */
export interface LensText {
  readonly title: string;
  readonly tooltip: string;
  readonly command: 'treadle.run' | 'treadle.debug' | 'treadle.stop' | 'treadle.showOutput';
  readonly node: NodeKey;
}

/** The editor drops a common space after an icon. */
const icon = (id: string, text: string): string => `$(${id})\u00a0${text}`;

/**
 * @param isDebuggable - whether it has code of the project's own to stop in
 * @param isAlone - whether no other node is written on the line; else its name is needed to tell them apart
 */
export function lensTexts(node: NodeRecord, isDebuggable: boolean, isAlone: boolean, t: Translate): readonly LensText[] {
  const { key: id, state } = node;
  const name = isAlone ? '' : ` ${node.kind === 'pipeline' ? node.pipeline : node.id}`;
  const isRunning = state === 'running' || state === 'queued';
  const actions: readonly LensText[] = isRunning
    ? [{ title: icon('debug-stop', `${t('Stop')}${name}`), tooltip: t('Stop it'), command: 'treadle.stop', node: id }]
    : [
        { title: icon('play', `${t('Run')}${name}`), tooltip: t('Run it'), command: 'treadle.run', node: id },
        ...(isDebuggable
          ? [{ title: icon('debug-alt', t('Debug')), tooltip: t('Run it under the debugger'), command: 'treadle.debug', node: id } as const]
          : []),
      ];
  if (state === 'idle') return actions;
  return [
    ...actions,
    { title: icon(nodeIcon(node).id, result(node, t)), tooltip: t('Show its output'), command: 'treadle.showOutput', node: id },
  ];
}

/** In tenths of a second only once it has ended: what changes all the time draws the eye from the text. */
function result(node: NodeRecord, t: Translate): string {
  const { state, cached, flaky, durationMs, percent } = node;
  if (state === 'running') return tellsProgress(node) ? `${Math.floor(percent / 10) * 10}%` : stateWord(state, t);
  const word = cached ? t('cached') : flaky ? t('flaky') : stateWord(state, t);
  return durationMs === undefined || cached ? word : `${word} ${formatDuration(durationMs)}`;
}
