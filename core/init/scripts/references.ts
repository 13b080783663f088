import { splitWords } from './command-line.ts';

type Scripts = ReadonlyMap<string, string>;

/** The scripts of package.json that a command runs, when it does nothing else. */
export function referencedScripts(command: string, scripts: Scripts): readonly string[] | undefined {
  const [program = '', ...rest] = splitWords(command);
  if (/^(?:npm|pnpm|yarn|bun)$/.test(program)) return byManager(program, rest, scripts);
  if (/^(?:run-[sp]|npm-run-all2?)$/.test(program)) return byPatterns(rest, scripts);
  if (program === 'concurrently') return byConcurrently(rest, scripts);
  return undefined;
}

const quiet = /^(?:--silent|-s|--if-present)$/;

function byManager(manager: string, words: readonly string[], scripts: Scripts): readonly string[] | undefined {
  const [first = '', ...rest] = words.filter((word) => !quiet.test(word));
  const isRun = first === 'run' || first === 'run-script';
  const [name = '', ...more] = isRun ? rest : [first === 't' ? 'test' : first, ...rest];
  // What has further arguments is not the script any more, and -w or --filter lead elsewhere.
  if (more.length > 0 || !scripts.has(name)) return undefined;
  return isRun || name === 'test' || name === 'start' || manager === 'yarn' || manager === 'pnpm' ? [name] : undefined;
}

function byPatterns(words: readonly string[], scripts: Scripts): readonly string[] | undefined {
  if (words.some((word) => word === '--' || word.includes('{') || word.includes(' '))) return undefined;
  return resolvePatterns(
    words.filter((word) => !word.startsWith('-')),
    scripts,
  );
}

function byConcurrently(words: readonly string[], scripts: Scripts): readonly string[] | undefined {
  const names: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (/^(?:-[a-z]*[cnpslm]|--(?:prefix-colors|names|prefix|success|max-processes|prefix-length|restart-tries|kill-signal))$/.test(word))
      at += 1;
    else if (!word.startsWith('-')) {
      const called = /^npm:(?<name>\S+)$/.exec(word)?.groups?.['name'];
      const run = called === undefined ? referencedScripts(word, scripts) : [called];
      if (run === undefined) return undefined;
      names.push(...run);
    }
  }
  return resolvePatterns(names, scripts);
}

/** `lint:*` is lint:js and lint:css; `lint:**` also lint:js:all. */
function resolvePatterns(patterns: readonly string[], scripts: Scripts): readonly string[] | undefined {
  const found = patterns.map((pattern) => {
    if (!pattern.includes('*')) return scripts.has(pattern) ? [pattern] : [];
    const expression = pattern
      .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/\*+/g, (stars) => (stars === '*' ? '[^:]*' : '.*'));
    return [...scripts.keys()].filter((name) => new RegExp(`^${expression}$`).test(name));
  });
  return found.length === 0 || found.some((names) => names.length === 0) ? undefined : found.flat();
}

const everywhere = [
  /^npm\s(?:.*\s)?(?:--workspaces|-ws)(?:\s|$)/,
  /^pnpm\s(?:.*\s)?(?:--recursive|-r)(?:\s|$)/,
  /^yarn\s+workspaces\s+(?:run|foreach)\s/,
];

/** Whether a command runs a script in every package of a repository, and does nothing else. */
export function runsInAllPackages(command: string): boolean {
  return everywhere.some((expression) => expression.test(command));
}

/** Whether a command runs Treadle, whoever starts it. */
export function runsTreadle(command: string): boolean {
  return /^(?:(?:\w+=\S*|cross-env|npx|npm|pnpm|yarn|bunx?|exec|dlx|--|-\w)\s+)*treadle(?:\s|$)/.test(command);
}
