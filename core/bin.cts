// The process entry. It must start fast, and parse on old versions of Node to say that they are too old:
// so it answers what it can by itself and loads everything else at the end.

/** Set by the build; absent when run from source. */
declare const __VERSION__: string | undefined;
/** Names the content of the built command line. */
declare const __BUILD__: string;

const built = typeof __VERSION__ === 'string';
const oldest: readonly [number, number] = [22, 22];

function version(): string {
  return typeof __VERSION__ === 'string' ? __VERSION__ : require('../package.json').version;
}

function isTooOld(running: string): boolean {
  const parts = running.split('.').map(Number);
  const major = parts[0] || 0;
  return major < oldest[0] || (major === oldest[0] && (parts[1] || 0) < oldest[1]);
}

function loadSources(): void {
  // Not a literal, so that neither the compiler nor the bundler tries to follow it.
  const main: string = './cli/main.ts';
  require(main);
}

/**
 * Gives the function that a script of the command line is. Node's compile cache keeps what V8 compiles before a file runs,
 * which is little: most functions would be compiled again with every start. So beside it lies what had been compiled when a
 * process ended.
 *
 * @param kind - what one command compiles is of little use to another
 */
function script(name: string, kind: string): (...parameters: readonly unknown[]) => unknown {
  const { readFileSync, renameSync, writeFileSync } = require('node:fs');
  const { join } = require('node:path');
  const { Script } = require('node:vm');
  const { getCompileCacheDir } = require('node:module');
  const directory: string | undefined = getCompileCacheDir();
  const file = join(__dirname, name);
  const kept = directory && join(directory, 'treadle-' + __BUILD__ + '-' + kind + '-' + name);
  let cachedData: Uint8Array | undefined;
  try {
    if (kept) cachedData = readFileSync(kept);
  } catch {
    // The first time.
  }
  // The build sees to it that it is plain ASCII: a text with other characters takes twice the memory, and far longer to read.
  const compiled = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  if (kept && (cachedData === undefined || compiled.cachedDataRejected)) {
    const keep = (): void => {
      // What was refused has not got far: later processes would have to compile nearly everything.
      if (Number(process.exitCode || 0) > 1) return;
      try {
        const draft = kept + '.' + process.pid;
        writeFileSync(draft, compiled.createCachedData(), { mode: 0o600 });
        renameSync(draft, kept);
      } catch {
        // Then the next start takes as long as this one.
      }
    };
    // After the listener that settles the exit code, which the script adds when it begins.
    queueMicrotask(() => process.once('exit', keep));
  }
  return compiled.runInThisContext();
}

function loadBuilt(): void {
  const shows = process.argv.some((argument) => /^(?:-h|--help|--dry-run)$/.test(argument));
  const command = /^(?:list|watch|serve|plugins|explain|history|init)$/.exec(process.argv[2] || '');
  const kind = shows ? 'help' : command ? command[0] : 'run';
  script('cli.cjs', kind)(
    require,
    __dirname + require('node:path').sep + 'cli.cjs',
    __dirname,
    (url: string) => import(url),
    (name: string) => script(name, kind),
  );
}

function start(): void {
  const first = process.argv[2];
  if (first === '--version' || first === '-v' || first === '-V') {
    process.stdout.write(version() + '\n');
    return;
  }
  if (isTooOld(process.versions.node)) {
    process.stderr.write(
      'treadle needs Node.js ' + oldest.join('.') + ' or newer; this is ' + process.version + ' (' + process.execPath + ').\n',
    );
    process.exitCode = 2;
    return;
  }
  const { enableCompileCache } = require('node:module');
  if (enableCompileCache) enableCompileCache();
  try {
    if (built) loadBuilt();
    else loadSources();
  } catch (error) {
    process.stderr.write('treadle could not start: ' + String((error instanceof Error && error.stack) || error) + '\n');
    process.exitCode = 3;
  }
}

start();
