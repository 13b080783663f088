import type { ReportNode } from '../report-data.ts';

const svg = 'http://www.w3.org/2000/svg';

/** The line inside of the circle, in a square of 16. */
const paths: { readonly [State in ReportNode['state']]: string } = {
  passed: 'M4.8 8.3 7 10.5l4.3-4.8',
  failed: 'm5.5 5.5 5 5m0-5-5 5',
  'timed-out': 'M8 4.6V8l2.3 1.6',
  cancelled: 'M5 8h6',
  skipped: 'm5 5.4 3 2.6-3 2.6m4-5.2v5.2',
  running: 'M8 5v3',
  pending: '',
};

const words: { readonly [State in ReportNode['state']]: string } = {
  passed: 'passed',
  failed: 'failed',
  'timed-out': 'timed out',
  cancelled: 'cancelled',
  skipped: 'skipped',
  running: 'never ended',
  pending: 'did not begin',
};

/** How people call a state. */
export function stateWord(state: ReportNode['state']): string {
  return words[state];
}

/** The mark of a state; its word is read aloud. */
export function stateIcon(state: ReportNode['state'], tolerated = false): SVGElement {
  const icon = document.createElementNS(svg, 'svg');
  const bad = state === 'failed' || state === 'timed-out' || state === 'running';
  icon.setAttribute('class', `icon s-${state}${tolerated && bad ? ' tolerated' : ''}`);
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('role', 'img');
  icon.setAttribute('aria-label', words[state]);
  const circle = document.createElementNS(svg, 'circle');
  for (const [name, value] of Object.entries({ cx: '8', cy: '8', r: '7' })) circle.setAttribute(name, value);
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', paths[state]);
  icon.append(circle, path);
  return icon;
}
