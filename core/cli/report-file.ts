import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { TreadleError } from '../contract/errors.ts';

/** A file that a report is written to as it grows: what was written survives a kill. */
export interface ReportFile {
  /** Does nothing once it is closed. */
  write(text: string): void;
  close(): void;
}

/**
 * Makes a file and the folders that it lies in.
 *
 * @throws `E_USAGE` when it cannot be written
 */
export function openReportFile(file: string): ReportFile {
  const descriptor = open(file);
  let isOpen = true;
  return {
    write: (text) => {
      if (isOpen) appendFileSync(descriptor, text);
    },
    close: () => {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

function open(file: string): number {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'w');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TreadleError('E_USAGE', `The report ${file} cannot be written: ${reason}`, { hint: 'Choose another file.', cause: error });
  }
}
