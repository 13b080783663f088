import type { TreadleError } from '../contract/errors.ts';

// For those who start and end a process: what loads modules is large, and many commands load none.

type ExplainExit = () => TreadleError | undefined;

let explainExit: ExplainExit | undefined;

/** Gives what {@link exitWhileLoading} asks; the first module that is loaded brings it. */
export function explainExitWith(explain: ExplainExit): void {
  explainExit = explain;
}

/** For the process's `exit` event: the error of project code that ended the process while it was being loaded. */
export function exitWhileLoading(): TreadleError | undefined {
  return explainExit?.();
}

/** After so many milliseconds a person wants to know what they are waiting for. */
const slowMs = 5000;

/** A file that is being loaded. */
interface Loading {
  /** As people know it. */
  readonly file: string;
  told: boolean;
}

const underWay = new Set<Loading>();
let tellOfSlow: ((files: readonly string[], seconds: number) => void) | undefined;

/** Hears of files whose loading takes long: of each once, of those together that wait for each other. */
export function onSlowLoading(tell: (files: readonly string[], seconds: number) => void): void {
  tellOfSlow = tell;
}

/** Notes that a file is being loaded, until the returned function is called. */
export function noteLoading(file: string): () => void {
  const loading = { file, told: false };
  underWay.add(loading);
  const timer = setTimeout(() => {
    if (loading.told) return;
    const all = [...underWay].filter(({ told }) => !told);
    for (const each of all) each.told = true;
    tellOfSlow?.(
      all.map((each) => each.file),
      slowMs / 1000,
    );
  }, slowMs);
  return () => {
    clearTimeout(timer);
    underWay.delete(loading);
  };
}
