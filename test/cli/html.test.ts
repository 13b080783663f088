import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { createReporter } from '../../core/reporters/html/html.ts';
import type { RunEventBody } from '../../core/contract/events.ts';
import { startBrowser } from '../extension/host/browser.ts';
import { install } from '../extension/host/install.ts';
import { type Processes, trackProcesses } from '../extension/host/processes.ts';
import { type CliProject, withProject } from '../support/cli.ts';
import { groupNode, pipelineNode, stepNode } from '../support/plans.ts';
import { report } from '../support/reported.ts';
import { stamped } from '../support/recorded-run.ts';

/** Text that would run if it were taken for anything but text. */
const evil = '</script><script>globalThis.owned = 1</script><img src=x onerror="globalThis.owned = 2"><!-- ${1} \u2028 &amp;';

const config = `
  import { all, any, definePipeline, step } from 'treadle';
  import { shell } from 'treadle/plugins';
  const evil = ${JSON.stringify(evil).replaceAll('<', '\\x3c').replaceAll('\u2028', '\\u2028')};
  export default definePipeline([
    all([
      shell('prints', ['node', '-e', 'console.log("\\\\u001b[31mred\\\\u001b[0m and ' + 'needle'.padStart(8) + '"); console.log(process.argv[1])', evil]),
      step('breaks', () => {
        throw new TypeError('it broke: ' + evil, { cause: new RangeError('too far') });
      }),
      step('tests', async (context) => {
        await context.test('adds ' + evil, () => {});
        await context.test('rounds', () => { throw Object.assign(new Error('not equal'), { expected: '12.30', actual: '12.3' }); }).catch(() => {});
        context.diagnostic({ file: 'src/a.ts', line: 3, column: 5, severity: 'warning', message: evil, source: 'lint' });
        throw new Error('1 test failed');
      }),
    ], { id: 'checks', description: evil }),
    any([shell('near', 'exit 1'), shell('far', 'exit 0')], { id: 'reachable' }),
    step(evil.slice(0, 9), (context) => { context.log('last'); }),
  ], { name: 'ci', failFast: false });
`;

/** A page of a report, and what it asked of the network and said on its console. */
interface OpenReport {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

describe('the html report', function () {
  this.timeout(300_000);
  let browser: Browser;
  let processes: Processes;
  before(async () => {
    processes = trackProcesses();
    browser = await startBrowser(await install(), processes);
  });
  after(async () => {
    await browser.close();
    await processes.end();
  });

  async function open(
    file: string,
    options: { readonly width?: number; readonly dark?: boolean; readonly hash?: string } = {},
  ): Promise<OpenReport> {
    const { width = 1280, dark = false, hash = '' } = options;
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: dark ? 'dark' : 'light' });
    page.setDefaultTimeout(30_000);
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${pathToFileURL(file).href}${hash}`);
    await page.getByRole('tree').waitFor();
    return { page, requests, complaints };
  }

  const rows = (page: Page): Promise<readonly string[]> =>
    page
      .getByRole('treeitem')
      .evaluateAll((found) => found.filter((row) => row.checkVisibility()).map((row) => row.querySelector('.label')?.textContent ?? ''));

  async function withReport(test: (file: string, project: CliProject) => Promise<void>): Promise<void> {
    await withProject({ 'treadle.config.ts': config }, async (project) => {
      const { exitCode, stderr } = await project.run(['--reporter', 'line', '--reporter', 'html=out/report.html']);
      assert.equal(exitCode, 1, stderr);
      await test(project.path('out/report.html'), project);
    });
  }

  it('shows the tree, the timeline and what failed, and loads and runs nothing else', async () => {
    await withReport(async (file) => {
      const { page, requests, complaints } = await open(file);
      assert.deepEqual(await rows(page), ['checks', 'prints', 'breaks', 'tests', 'reachable', 'near', 'far', evil.slice(0, 9)]);
      assert.equal(await page.title(), '✖ ci failed');
      const failures = page.getByRole('region', { name: 'Details' });
      assert.match(
        await failures.innerText(),
        /What failed\n+breaks\n+it broke: <\/script>[^]*tests\n+1 test failed\n+rounds[^]*near failed, and was not needed/,
      );
      const bars = await page.locator('.row .bar').evaluateAll((found) => found.map((bar) => bar.getBoundingClientRect().width));
      assert.ok(bars.length >= 8 && bars.every((width) => width >= 3), JSON.stringify(bars));
      await page.getByRole('treeitem', { name: 'tests' }).click();
      const details = await failures.innerText();
      for (const part of ['rounds', 'not equal', 'src/a.ts', evil.replace('\u2028', '').slice(0, 40), 'npx treadle run --only tests'])
        assert.ok(details.includes(part), `${part} is not in ${details}`);
      assert.equal(await page.evaluate("'owned' in globalThis"), false);
      assert.deepEqual(
        requests.filter((url) => !url.startsWith('data:')),
        [page.url().replace(/#.*$/, '')],
      );
      assert.deepEqual(complaints, []);
      await page.close();
    });
  });

  it('can be read where no script and no style may run, as in what Jenkins serves', async () => {
    await withReport(async (file) => {
      const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1000, height: 1200 } });
      const page = await context.newPage();
      // What Jenkins sends by default.
      await page.route('**/*', async (route) =>
        route.fulfill({
          path: file,
          contentType: 'text/html',
          headers: { 'content-security-policy': "sandbox; default-src 'none'; img-src 'self'; style-src 'self';" },
        }),
      );
      await page.goto('http://report.test/');
      const shown = await page.locator('body').innerText();
      for (const part of ['✖ ci failed', 'What failed', 'TypeError: it broke: </script>', 'Caused by:', 'RangeError: too far']) {
        assert.ok(shown.includes(part), `${part} is not in ${shown}`);
      }
      assert.match(shown, /rounds\n+not equal\n+expected: 12\.30\nactual: {3}12\.3\n/);
      assert.match(shown, /src\/a\.ts:3:5 warning:/);
      const output = page.getByText('red and');
      assert.equal(await output.isVisible(), false);
      for (const summary of await page.locator('#plain-1 summary').all()) await summary.click();
      assert.equal(await output.isVisible(), true);
      const names = await page.locator('.plain li[id] > b, .plain li[id] > details > summary > b').allInnerTexts();
      assert.deepEqual(names, ['checks', 'prints', 'breaks', 'tests', 'reachable', 'near', 'far', evil.slice(0, 9)]);
      await page.getByRole('link', { name: 'tests' }).click();
      assert.match(page.url(), /#plain-3$/);
      assert.equal(await page.getByText('Search and the timeline need JavaScript.').isVisible(), true);
      await context.close();
      const { page: full } = await open(file);
      assert.equal(await full.locator('#plain').count(), 0);
      await full.close();
    });
  });

  it('shows an error with the code around its place and its cause, and output in its colours', async () => {
    await withReport(async (file) => {
      const { page } = await open(file);
      await page.getByRole('treeitem', { name: 'breaks' }).click();
      const details = page.getByRole('region', { name: 'Details' });
      assert.match(await details.locator('.frame .hit').innerText(), /^> +\d+ │ +throw new TypeError/);
      assert.match(await details.locator('.frame .caret').innerText(), /\^$/);
      assert.match(await details.innerText(), /checks ›[^]*failed\n+function[^]*TypeError it broke[^]*caused by RangeError too far/);
      await page.getByRole('treeitem', { name: 'prints' }).click();
      const output = details.getByLabel('Output');
      assert.equal(await output.locator('.c-red').innerText(), 'red');
      assert.ok((await output.innerText()).includes('<img src=x onerror='));
      await details.getByRole('button', { name: 'Wrap lines' }).click();
      assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.output')).textWrapMode"), 'nowrap');
      await page.close();
    });
  });

  it('is used with the keyboard alone', async () => {
    await withReport(async (file) => {
      const { page } = await open(file);
      const focused = (): Promise<string | null | undefined> =>
        page.evaluate("document.activeElement?.querySelector('.label')?.textContent");
      const heading = page.getByRole('region', { name: 'Details' }).getByRole('heading', { level: 2 });
      await page.keyboard.press('/');
      assert.ok(await page.evaluate("document.activeElement?.getAttribute('type') === 'search'"));
      // In the output of a step.
      await page.keyboard.type('NEEDLE red');
      await page.getByRole('status').getByText('1 found').waitFor();
      assert.deepEqual(await rows(page), ['checks', 'prints']);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(), 'prints');
      await page.keyboard.press('Enter');
      assert.equal(await heading.innerText(), 'prints');
      assert.equal(await page.evaluate("CSS.highlights.get('search')?.size"), 2);
      await page.keyboard.press('/');
      await page.keyboard.press('Escape');
      assert.equal((await rows(page)).length, 8);
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowLeft');
      assert.deepEqual(await rows(page), ['checks', 'reachable', 'near', 'far', evil.slice(0, 9)]);
      assert.equal(await page.getByRole('treeitem', { name: 'checks' }).getAttribute('aria-expanded'), 'false');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(), 'prints');
      await page.keyboard.press('n');
      assert.equal(await heading.innerText(), 'breaks');
      await page.keyboard.press('n');
      assert.equal(await heading.innerText(), 'tests');
      await page.keyboard.press('p');
      assert.equal(await heading.innerText(), 'breaks');
      await page.keyboard.press('Escape');
      assert.equal(await heading.innerText(), 'What failed');
      await page.close();
    });
  });

  it('filters by how steps ended, collapses, and opens at a step', async () => {
    await withReport(async (file) => {
      const { page } = await open(file, { hash: '#breaks' });
      assert.equal(await page.getByRole('heading', { level: 2 }).innerText(), 'breaks');
      assert.equal(await page.getByRole('treeitem', { selected: true }).locator('.label').innerText(), 'breaks');
      await page.getByRole('button', { name: 'failed 3' }).click();
      assert.deepEqual(await rows(page), ['checks', 'breaks', 'tests', 'reachable', 'near']);
      await page.getByRole('button', { name: 'passed 3' }).click();
      assert.equal((await rows(page)).length, 8);
      await page.getByRole('button', { name: 'failed 3' }).click();
      await page.getByRole('button', { name: 'passed 3' }).click();
      await page.getByRole('button', { name: 'Collapse all' }).click();
      assert.deepEqual(await rows(page), ['checks', 'reachable', evil.slice(0, 9)]);
      await page.getByRole('searchbox').fill('there is no such thing');
      await page.getByText('Nothing fits.').waitFor();
      await page.close();
    });
  });

  it('fits a telephone and a dark room', async () => {
    await withReport(async (file) => {
      const { page } = await open(file, { width: 400, dark: true });
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 400);
      const brightness = (await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).match(/\d+/g)?.map(Number) ?? [
        255,
      ];
      assert.ok(Math.max(...brightness) < 60, String(brightness));
      await page.getByRole('treeitem', { name: 'tests' }).click();
      const box = await page.getByRole('region', { name: 'Details' }).boundingBox();
      assert.deepEqual(box, { x: 0, y: 0, width: 400, height: 800 });
      await page.getByRole('button', { name: '← All steps' }).click();
      await page.getByRole('heading', { name: 'What failed' }).waitFor();
      await page.close();
    });
  });

  it('has bounds: 2,000 steps that print a lot', async () => {
    const ids = Array.from({ length: 2000 }, (_, index) => `step ${index}`);
    const text = `${'a line of output, '.repeat(5)}\n`.repeat(400);
    const events = stamped([
      [
        0,
        {
          type: 'run:start',
          pipeline: 'large',
          plan: pipelineNode([
            groupNode(
              'all of them',
              ids.map((id) => stepNode(id)),
            ),
          ]),
          cwd: '/project',
        },
      ],
      ...ids.flatMap((id, index): readonly (readonly [number, RunEventBody])[] => [
        [index, { type: 'step:start', id, attempt: 1, executor: 'inline' }],
        [index + 1, { type: 'step:output', id, stream: 'stdout', text }],
        [index + 2, { type: 'step:end', id, status: 'passed', durationMs: 2, attempts: 1, flaky: false, cached: false, overall: 1 }],
      ]),
    ]);
    const html = await report(createReporter, events, { cwd: '/project' });
    assert.ok(html.length > 4_000_000 && html.length < 7_000_000, String(html.length));
    await withProject({ 'large.html': html }, async (project) => {
      const { page } = await open(project.path('large.html'));
      assert.equal(await page.getByRole('treeitem').count(), 2001);
      await page.getByRole('searchbox').fill('step 1999');
      await page.getByRole('status').getByText('1 found').waitFor();
      assert.deepEqual(await rows(page), ['all of them', 'step 1999']);
      await page.getByRole('searchbox').fill('');
      await page.getByRole('treeitem', { name: 'step 0' }).click();
      await page.getByText('characters before this are left out').waitFor();
      await page.close();
    });
  });
});
