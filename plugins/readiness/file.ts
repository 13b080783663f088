import { stat } from 'node:fs/promises';
import { projectFile } from '../project-path.ts';
import { errorCode, type Probe } from './probe.ts';

/** Ready when the file exists; with `since`, when it is not one left from before. */
export function fileProbe(root: string, file: string, since?: FileState): Probe {
  return {
    what: `file ${projectFile(root, file)}`,
    check: async () => {
      const now = await fileState(file);
      if (now === 'missing') return 'it does not exist';
      return now === since ? 'it has not been written anew' : undefined;
    },
  };
}

/** What tells one writing of a file from another. */
export type FileState = string;

export async function fileState(file: string): Promise<FileState> {
  try {
    const { mtimeNs, ino, size } = await stat(file, { bigint: true });
    return `${ino}:${mtimeNs}:${size}`;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'missing';
    throw error;
  }
}
