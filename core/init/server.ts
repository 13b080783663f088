import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstExisting } from './present.ts';
import type { ProjectManifest } from './manifest.ts';
import { splitWords } from './scripts/command-line.ts';

/** The server that end-to-end tests need. */
export interface ServerDraft {
  readonly id: string;
  readonly command: string;
  readonly url: string;
  /** Nothing in the project says where it listens. */
  readonly isGuess: boolean;
}

export const playwrightConfigs = ['ts', 'mts', 'js', 'mjs', 'cjs'].map((extension) => `playwright.config.${extension}`);

const ports: readonly (readonly [program: RegExp, port: number])[] = [
  [/\bvite preview\b/, 4173],
  [/\bastro (?:preview|dev)\b/, 4321],
  [/\bvite\b/, 5173],
  [/\bng serve\b/, 4200],
  [/\bhttp-server\b/, 8080],
  [/\b(?:next|nuxt|nuxi|serve|react-router-serve|remix-serve|react-scripts|sirv)\b/, 3000],
];

/** Finds the script that starts what is tested; nothing where Playwright starts it itself. */
export function findServer(root: string, manifest: ProjectManifest, runScript: string): ServerDraft | undefined {
  const name = ['preview', 'start', 'serve'].find((each) => manifest.scripts.has(each));
  const config = firstExisting(root, playwrightConfigs);
  const settings = config === undefined ? '' : readFileSync(join(root, config), 'utf8').replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*$/gm, '');
  if (name === undefined || /\bwebServer\b/.test(settings)) return undefined;
  const script = manifest.scripts.get(name) ?? '';
  const known = /baseURL:\s*["'`](?<url>https?:\/\/[^"'`$]+)["'`]/.exec(settings)?.groups?.['url'];
  const port = portOf(script) ?? ports.find(([program]) => program.test(script))?.[1];
  return {
    id: 'server',
    command: `${runScript} ${name}`,
    url: known ?? `http://localhost:${port ?? 3000}`,
    isGuess: known === undefined && port === undefined,
  };
}

function portOf(script: string): number | undefined {
  const words = splitWords(script);
  const at = words.findIndex((word) => /^(?:--port|-p)(?:=|$)/.test(word));
  const text = /^PORT=(\d+)$/.exec(words.find((word) => word.startsWith('PORT=')) ?? '')?.[1] ?? words[at]?.split('=')[1] ?? words[at + 1];
  return at < 0 && !words.some((word) => word.startsWith('PORT=')) ? undefined : Number(text) || undefined;
}
