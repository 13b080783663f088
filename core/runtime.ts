// What the public API loads once something is run: all in one place, so that importing `treadle` stays light.
export { createEngine } from './engine.ts';
export { startLiveRun } from './live-run.ts';
