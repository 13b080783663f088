/**
 * Memory that a thread shares with the main thread. A step writes its percentage here at the cost of a store; the main
 * thread reads it now and then.
 */
export interface Board {
  readonly cells: Int32Array;
}

const percentCell = 0;
const wantedCell = 1;
/** Percentages are kept in thousandths. */
const scale = 1000;

export function createBoard(): Board {
  return { cells: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) };
}

/** Empties the board for a new attempt. Its first message is wanted at once. */
export function resetBoard(board: Board): void {
  board.cells[percentCell] = 0;
  board.cells[wantedCell] = 1;
}

/** Worker: stores a percentage; true when the main thread has sampled since and so would take a message. */
export function storePercent(board: Board, percent: number): boolean {
  board.cells[percentCell] = percent * scale;
  return board.cells[wantedCell] === 1;
}

/** Worker: a message was sent; the next one waits for the next sample. */
export function messageSent(board: Board): void {
  board.cells[wantedCell] = 0;
}

/** Main: reads a percentage, and asks for the message that goes with it. */
export function samplePercent(board: Board): number {
  board.cells[wantedCell] = 1;
  return (board.cells[percentCell] ?? 0) / scale;
}
