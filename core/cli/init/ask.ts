import { createInterface } from 'node:readline';

/** Questions to the person at the terminal. */
export interface Questions {
  /** Enter alone is the usual answer; `undefined` when there will be none: Ctrl-C, or the input has ended. */
  yesOrNo(question: string, usual: boolean): Promise<boolean | undefined>;
  close(): void;
}

export function openQuestions(): Questions {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const gone = new Promise<undefined>((resolve) => {
    terminal.on('SIGINT', () => terminal.close());
    terminal.on('close', () => resolve(undefined));
  });
  const ask = (question: string): Promise<string> => new Promise((resolve) => terminal.question(question, resolve));
  return {
    async yesOrNo(question, usual) {
      for (;;) {
        const answer = await Promise.race([ask(`${question} ${usual ? '(Y/n)' : '(y/N)'} `), gone]);
        if (answer === undefined) {
          process.stdout.write('\nNothing was written.\n');
          return undefined;
        }
        if (answer.trim() === '') return usual;
        if (/^\s*y(?:es)?\s*$/i.test(answer)) return true;
        if (/^\s*no?\s*$/i.test(answer)) return false;
      }
    },
    close: () => terminal.close(),
  };
}
