import type { WatchScreen } from './watch-screen.ts';

/** What keys do. */
export interface KeyActions {
  runAll(): void;
  runAgain(): void;
  runFailed(): void;
  /** Ids of the steps to run from now on; empty for all. */
  choose(ids: readonly string[]): void;
  quit(): void;
}

/** Listens to single keys, where standard input is a terminal. Returns what gives the terminal back. */
export function listenToKeys(screen: WatchScreen, actions: KeyActions): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  let typed: string | undefined;
  const type = (key: string): void => {
    if (typed === undefined) return;
    if (key === '\r' || key === '\n') {
      const ids = typed.split(/[\s,]+/).filter((id) => id !== '');
      typed = undefined;
      screen.prompt('\n');
      return actions.choose(ids);
    }
    if (key === '\u001B') {
      typed = undefined;
      return screen.prompt('');
    }
    typed = key === '\u007F' || key === '\b' ? typed.slice(0, -1) : typed + key.replaceAll(/\p{Cc}/gu, '');
    screen.prompt(`Steps to run (enter for all): ${typed}`);
  };
  const press = (key: string): void => {
    // In raw mode the terminal no longer makes a signal of it.
    if (key === '\u0003') return void process.kill(process.pid, 'SIGINT');
    if (typed !== undefined) return type(key);
    if (key === 'q') actions.quit();
    else if (key === 'a') actions.runAll();
    else if (key === 'f') actions.runFailed();
    else if (key === 'h' || key === '?') screen.help();
    else if (key === '\r' || key === '\n') actions.runAgain();
    else if (key === 'p') {
      typed = '';
      screen.prompt('Steps to run (enter for all): ');
    }
  };
  const onData = (chunk: string): void => {
    // A paste comes in one piece; an escape sequence is one key.
    for (const key of chunk.startsWith('\u001B') && chunk.length > 1 ? [] : chunk) press(key);
  };
  stdin.setEncoding('utf8');
  stdin.setRawMode(true);
  stdin.on('data', onData);
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
