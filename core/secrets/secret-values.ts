import type { Environment } from '../contract/executor.ts';
import type { Plan, PlanNode } from '../contract/plan.ts';

/** Parts of the names of variables that hold secrets, as the large CI systems and secret scanners know them. */
const secretWords = new Set([
  'TOKEN',
  'SECRET',
  'SECRETS',
  'PASSWORD',
  'PASSWD',
  'PASSPHRASE',
  'PASS',
  'CREDENTIAL',
  'CREDENTIALS',
  'APIKEY',
  'PAT',
]);
/** What a KEY is for when it is to be kept secret. */
const secretKeys = /(?:^|_)(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|AUTH|MASTER|ACCOUNT|DEPLOY|LICEN[CS]E|SSH)_?KEY(?:_|$)/;
/** What is part of each of those names in capitals; most names have none of it. */
const hint = /TOKEN|SECRET|PASS|CREDENTIAL|KEY|PAT(?![A-Z0-9])|_AUTH/;
/** Names of where a secret is, not the secret. */
const placeEndings = /(?:^|_)(?:FILE|PATH|DIR|SOCK|NAME|ID|URL|URI|HOST|TYPE|EXPIRES|TTL|LENGTH)$/;
/** npm's settings come as `npm_config_//registry/:_authToken`. */
const npmSecrets = /_auth(?:token)?$|_password$/i;
/** Shorter values occur in ordinary text too often. Named ones are hidden from this length on, others from the next. */
const shortestNamed = 3;
const shortestGuessed = 6;
const ordinary = /^(?:true|false|yes|no|on|off|none|null|undefined|default|required|optional|disabled|enabled|[\d.]+)$/i;
/** `scheme://user:password@host` */
const passwordInUrl = /\b[a-z][\w+.-]*:\/\/[^\s:@/]*:([^\s@/]+)@/gi;

/** Whether a variable of this name usually holds a secret. */
export function looksSecret(name: string): boolean {
  const upper = name.toUpperCase();
  if (!hint.test(upper)) return false;
  if (npmSecrets.test(name)) return true;
  if (placeEndings.test(upper)) return false;
  return secretKeys.test(upper) || upper.split(/[^A-Z0-9]+/).some((word) => secretWords.has(word));
}

/** The values to be hidden in what is said of a plan and its runs. */
export function planSecrets(plan: Plan, env: Environment): readonly string[] {
  return secretValues([env, ...environmentsOf(plan)], plan.secrets ?? []);
}

function environmentsOf(node: PlanNode): readonly Environment[] {
  if (node.kind !== 'step') return node.children.flatMap(environmentsOf);
  return node.env === undefined ? [] : [node.env];
}

/**
 * The values to be hidden: of variables whose names look secret, passwords in URLs, and of variables that are named.
 *
 * @param named - names of variables that hold secrets; with `!` before them, names of those that do not
 */
export function secretValues(environments: Iterable<Environment>, named: readonly string[]): readonly string[] {
  const secret = new Set(named.filter((name) => !name.startsWith('!')));
  const open = new Set(named.flatMap((name) => (name.startsWith('!') ? [name.slice(1)] : [])));
  const values = new Set<string>();
  const seen = new Set<string>();
  for (const environment of environments) {
    for (const [name, value] of Object.entries(environment)) {
      if (open.has(name) || seen.has(`${name}=${value}`)) continue;
      seen.add(`${name}=${value}`);
      if (secret.has(name)) {
        if (value.trim().length >= shortestNamed) values.add(value);
      } else if (value.length >= shortestGuessed && !ordinary.test(value) && looksSecret(name)) values.add(value);
      if (value.includes('://')) {
        for (const [, password = ''] of value.matchAll(passwordInUrl)) if (password.length >= shortestNamed) values.add(password);
      }
    }
  }
  return [...values];
}
