import { appendFileSync, closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { TreadleError } from '../contract/errors.ts';
import { fileInTheWay, makeFolder } from '../files/make-folder.ts';
import { errorCode } from '../files/own-files.ts';

/** A file that a report is written to as it grows: what was written survives a kill. */
export interface ReportFile {
  /** Does nothing once it is closed. */
  write(text: string): void;
  close(): void;
}

/**
 * Makes a file and the folders that it lies in.
 *
 * @param what - what is written to it, such as `report`
 * @throws `E_USAGE` when it cannot be written
 */
export function openReportFile(file: string, what: string): ReportFile {
  const descriptor = open(file, what);
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

function open(file: string, what: string): number {
  try {
    makeFolder(dirname(file));
    return openSync(file, 'w');
  } catch (error) {
    const { reason, hint } = explain(error, file);
    throw new TreadleError('E_USAGE', `The ${what} ${file} cannot be written: ${reason}.`, { hint, cause: error });
  }
}

/** What a person can do about it. */
function explain(error: unknown, file: string): { readonly reason: string; readonly hint: string } {
  const elsewhere = 'Choose another file.';
  switch (errorCode(error)) {
    case 'EISDIR':
      return { reason: 'it is a folder', hint: 'Name a file in it.' };
    case 'ENOTDIR':
    case 'EEXIST':
      return { reason: `${fileInTheWay(dirname(file)) ?? dirname(file)} is no folder`, hint: elsewhere };
    case 'ENOENT':
      return {
        reason: existsSync(dirname(file)) ? 'it leads to a folder that is not there' : `the folder ${dirname(file)} cannot be made`,
        hint: elsewhere,
      };
    case 'EACCES':
    case 'EPERM':
      return { reason: 'permission is denied', hint: 'Choose another file, or change who may write there.' };
    case 'EROFS':
      return { reason: 'it lies in a file system that can only be read', hint: elsewhere };
    default:
      return { reason: error instanceof Error ? error.message : String(error), hint: elsewhere };
  }
}
