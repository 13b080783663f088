/** What has processes to kill when this one exits. */
export interface Killable {
  killNow(): void;
}

const killables = new Set<Killable>();

function killAll(): void {
  for (const killable of [...killables]) killable.killNow();
}

/** Kills its processes should this process exit before they ended; the returned function calls it off. */
export function killAtExit(killable: Killable): () => void {
  // One listener for all: Node warns about many.
  if (killables.size === 0) process.on('exit', killAll);
  killables.add(killable);
  return () => {
    killables.delete(killable);
    if (killables.size === 0) process.off('exit', killAll);
  };
}
