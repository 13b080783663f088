/** How long the process may linger after its work is done before it is ended. */
const graceMs = 1000;

/** Streams of the process itself, which keep nothing alive. */
const ownResources = new Set(['TTYWrap', 'PipeWrap', 'CloseReq']);

/** Such as `2 × TCPServerWrap, Timeout`. */
export function summariseResources(resources: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const resource of resources) if (!ownResources.has(resource)) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`)).join(', ');
}

/** Whether the process would end by itself now, with all that it said written. */
export function isIdle(): boolean {
  if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0 || process.listenerCount('beforeExit') > 0) return false;
  return summariseResources(process.getActiveResourcesInfo()) === '';
}

/** Ends the process if something (a server that a pipeline file opened, say) still keeps it alive after a second. */
export function endLeftovers(say: (text: string) => void, end: () => void): void {
  const timer = setTimeout(() => {
    const open = summariseResources(process.getActiveResourcesInfo());
    say(`treadle: the work is done, but something is still open in the main process${open === '' ? '' : `: ${open}`}. Ending it.\n`);
    end();
  }, graceMs);
  timer.unref();
}
