import assert from 'node:assert/strict';
import { isScalar, isSeq, parseDocument, visit } from 'yaml';

/**
 * The commands of a CI file, as a parser of its language reads them, with a value for each of its expressions.
 *
 * @throws AssertionError for a file that is not well-formed.
 */
export function ciCommands(language: string, text: string, place: string): readonly string[] {
  const scripts = language === 'groovy' ? groovyScripts(text, place) : yamlScripts(text, place);
  const lines = scripts.flatMap((script) => script.trim().split('\n'));
  return lines.flatMap(asEachJob).map((line) => line.replaceAll(/\$\{\{.*?\}\}/g, '1').trim());
}

/** What each job runs of those that share a pipeline out; two where the file does not say how many there are. */
function asEachJob(line: string): readonly string[] {
  const job = /\$\{\{ matrix\.shard \}\}|\$CI_NODE_INDEX/g;
  if (!job.test(line)) return [line];
  const whole = line.replaceAll('$CI_NODE_TOTAL', '2');
  const count = Number(/--shard \S*?\/(?<count>\d+)/.exec(whole.replaceAll(job, '1'))?.groups?.['count']);
  return Array.from({ length: count }, (_, index) => whole.replaceAll(job, String(index + 1)));
}

function yamlScripts(text: string, place: string): readonly string[] {
  const document = parseDocument(text);
  assert.deepEqual([...document.errors, ...document.warnings], [], place);
  const scripts: string[] = [];
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (!isScalar(key) || (key.value !== 'run' && key.value !== 'script')) return;
      for (const each of isSeq(value) ? value.items : [value]) if (isScalar(each)) scripts.push(String(each.value));
    },
  });
  return scripts;
}

/** Without a parser for Groovy: braces that match, and the commands of `sh`. */
function groovyScripts(text: string, place: string): readonly string[] {
  const plain = text.replaceAll(/'[^']*'|"[^"]*"/g, '');
  assert.equal(plain.split('{').length, plain.split('}').length, place);
  return [...text.matchAll(/^\s*sh '(?<script>.+)'$/gm)].map(({ groups }) => groups?.['script'] ?? '');
}
