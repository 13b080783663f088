// The process entry. It must start fast, and parse on old versions of Node to say that they are too old:
// so it answers what it can by itself and loads everything else at the end.

/** Set by the build; absent when run from source. */
declare const __VERSION__: string | undefined;

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
  // Not a literal, so that neither the compiler nor the bundler tries to follow it.
  const main: string = built ? './cli.cjs' : './cli/main.ts';
  try {
    require(main);
  } catch (error) {
    process.stderr.write('treadle could not start: ' + String((error instanceof Error && error.stack) || error) + '\n');
    process.exitCode = 3;
  }
}

start();
