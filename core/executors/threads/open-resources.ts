const names: { readonly [type: string]: readonly [one: string, many: string] } = {
  Timeout: ['timer', 'timers'],
  TCPSocketWrap: ['TCP socket', 'TCP sockets'],
  TCPServerWrap: ['TCP server', 'TCP servers'],
  PipeWrap: ['pipe', 'pipes'],
  PipeServerWrap: ['pipe server', 'pipe servers'],
  ProcessWrap: ['child process', 'child processes'],
  UDPWrap: ['UDP socket', 'UDP sockets'],
  FSEventWrap: ['file watcher', 'file watchers'],
  StatWatcher: ['file watcher', 'file watchers'],
  FSReqCallback: ['file operation', 'file operations'],
  FSReqPromise: ['file operation', 'file operations'],
  Worker: ['worker thread', 'worker threads'],
  MessagePort: ['message port', 'message ports'],
  GetAddrInfoReqWrap: ['DNS look-up', 'DNS look-ups'],
};

/** Passing states of Node's own that end by themselves. */
const ignored = new Set(['Immediate', 'TickObject', 'CloseReq', 'TTYWrap', 'ConnectionsList']);

/** How many resources of each kind keep this thread's event loop alive. */
export function countResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (!ignored.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

/** What is open beyond a baseline, such as `2 timers, 1 TCP server`; `undefined` when nothing is. */
export function describeOpenResources(baseline: ReadonlyMap<string, number>): string | undefined {
  const open: string[] = [];
  for (const [type, count] of countResources()) {
    const more = count - (baseline.get(type) ?? 0);
    if (more > 0) open.push(`${more} ${names[type]?.[more === 1 ? 0 : 1] ?? type}`);
  }
  return open.length === 0 ? undefined : open.join(', ');
}
