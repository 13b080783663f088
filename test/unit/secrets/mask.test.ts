import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MaskedEvents } from '../../../core/run/masked-events.ts';
import { Mask } from '../../../core/secrets/mask.ts';
import { looksSecret, secretValues } from '../../../core/secrets/secret-values.ts';

describe('names of variables', () => {
  for (const name of [
    'NPM_TOKEN',
    'GITHUB_TOKEN',
    'AWS_SECRET_ACCESS_KEY',
    'DB_PASSWORD',
    'DB_PASS',
    'STRIPE_API_KEY',
    'SIGNING_KEY',
    'GH_PAT',
    'apiToken_secret',
    'npm_config_//registry/:_authToken',
    'AZURE_CREDENTIALS',
  ])
    it(`look secret: ${name}`, () => assert.equal(looksSecret(name), true));
  for (const name of [
    'PWD',
    'OLDPWD',
    'PATH',
    'HOME',
    'SSH_AUTH_SOCK',
    'TOKEN_FILE',
    'GOOGLE_CREDENTIALS_PATH',
    'KEYBOARD',
    'COMPASS',
    'AWS_ACCESS_KEY_ID',
    'SECRET_NAME',
    'PASSENGER',
  ])
    it(`do not: ${name}`, () => assert.equal(looksSecret(name), false));
});

describe('values that are hidden', () => {
  it('are not those that stand in any text', () => {
    assert.deepEqual(secretValues([{ USE_TOKEN: 'true', MAX_TOKEN: '100000', A_TOKEN: 'short', B_TOKEN: 'long enough' }], []), [
      'long enough',
    ]);
  });

  it('are those that are named, and not those that are named with "!"', () => {
    assert.deepEqual(secretValues([{ OWN: 'abc', B_TOKEN: 'long enough' }], ['OWN', '!B_TOKEN']), ['abc']);
  });
});

describe('a mask', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '$', '.') });
  const secrets = fc.array(
    letters.filter((text) => text.trim().length > 2),
    { minLength: 1, maxLength: 4 },
  );

  it('hides a secret wherever a stream is cut, and loses nothing else', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.array(
          fc.oneof(
            letters,
            secrets.map(([first = '']) => first),
          ),
        ),
        (values, chunks) => {
          const mask = new Mask(values);
          const seen: string[] = [];
          const events = new MaskedEvents(mask, (event) => {
            if (event.type === 'step:output') seen.push(event.text);
          });
          for (const text of chunks) events.emit({ type: 'step:output', id: 'a', stream: 'stdout', text });
          events.emit({
            type: 'step:end',
            id: 'a',
            status: 'passed',
            durationMs: 0,
            attempts: 1,
            flaky: false,
            cached: false,
            overall: 100,
          });
          const whole = mask.text(chunks.join(''));
          const shown = seen.join('');
          for (const value of values) assert.ok(!shown.includes(value));
          assert.equal(shown.replaceAll('***', ''), whole.replaceAll('***', ''));
        },
      ),
      {
        examples: [
          // A secret that is the beginning of another, and one that lies within another.
          [
            ['b\n.\n', 'aaa'],
            ['b\n.', '\naaa'],
          ],
          [
            ['aba', '$abab'],
            ['$aba', 'b'],
          ],
          [['b\n.\n'], ['b\n.']],
        ],
      },
    );
  });

  it('leaves the names by which events refer to each other', () => {
    const mask = new Mask(['build-all']);
    assert.deepEqual(mask.data({ id: 'build-all', message: 'build-all', 'build-all': 1, list: ['build-all', 2, null] }), {
      id: 'build-all',
      message: '***',
      '***': 1,
      list: ['***', 2, null],
    });
  });
});
