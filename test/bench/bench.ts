import { machine, type Row, table } from './measure.ts';
import { measureColdStart, measureShell } from './processes.ts';
import { measureContexts, measureRoundTrip } from './threads.ts';

// `npm run bench [-- --quick]`: measures Treadle against what it stands on, side by side in one run. Only the ratios
// mean anything: absolute times are those of this machine in this minute.
const quick = process.argv.includes('--quick');
const rows: Row[] = [];
const note = (row: Row | readonly Row[]): void => {
  for (const each of [row].flat()) {
    rows.push(each);
    console.error(`${each.what}: ${each.ratio.toFixed(2)}× (target ${each.target})`);
  }
};
note(await measureRoundTrip(quick ? 5 : 15));
note(await measureContexts(quick ? 5 : 15, 1));
note(await measureContexts(quick ? 2 : 5, 10));
note(await measureShell(quick ? 7 : 21));
note(await measureColdStart(quick ? 7 : 21));
console.log(`${machine()}\n\n${table(rows)}`);
