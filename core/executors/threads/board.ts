/**
 * Shared memory between the main thread and all workers: one slot for each attempt under way. A step writes its
 * percentage here at the cost of a store; the main thread reads it thirty times a second.
 */
export interface Board {
  readonly cells: Int32Array;
}

const cellsPerSlot = 4;
const threadCell = 0;
const percentCell = 1;
const wantedCell = 2;
/** Percentages are kept in thousandths. */
const scale = 1000;

/** Makes a board of so many slots. */
export function createBoard(slots: number): Board {
  return { cells: new Int32Array(new SharedArrayBuffer(slots * cellsPerSlot * Int32Array.BYTES_PER_ELEMENT)) };
}

/** Empties a slot for a new attempt. */
export function resetSlot(board: Board, slot: number): void {
  board.cells.fill(0, slot * cellsPerSlot, (slot + 1) * cellsPerSlot);
}

/** Worker: says which thread runs the attempt. */
export function claimSlot(board: Board, slot: number, thread: number): void {
  Atomics.store(board.cells, slot * cellsPerSlot + threadCell, thread);
}

/** The thread that runs the attempt; 0 before it has begun. */
export function threadOf(board: Board, slot: number): number {
  return Atomics.load(board.cells, slot * cellsPerSlot + threadCell);
}

/** Worker: stores a percentage; true when the main thread has sampled since and so would take a message. */
export function storePercent(board: Board, slot: number, percent: number): boolean {
  const base = slot * cellsPerSlot;
  board.cells[base + percentCell] = percent * scale;
  return board.cells[base + wantedCell] === 1;
}

/** Worker: a message was sent; the next one waits for the next sample. */
export function messageSent(board: Board, slot: number): void {
  board.cells[slot * cellsPerSlot + wantedCell] = 0;
}

/** Main: reads a percentage, and asks for the message that goes with it. */
export function samplePercent(board: Board, slot: number): number {
  const base = slot * cellsPerSlot;
  board.cells[base + wantedCell] = 1;
  return (board.cells[base + percentCell] ?? 0) / scale;
}
