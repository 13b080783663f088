const actions = new Set<() => void>();

function act(): void {
  for (const action of [...actions]) action();
}

/** Does something, at once and without throwing, should this process exit before it is called off by the returned function. */
export function atExit(action: () => void): () => void {
  // One listener for all: Node warns about many.
  if (actions.size === 0) process.on('exit', act);
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) process.off('exit', act);
  };
}
