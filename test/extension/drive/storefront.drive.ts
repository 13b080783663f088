import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { picture, screenshot, sidebarRegion, themes, wear, type ThemeName } from './workbench/look.ts';
import type { Workbench } from './workbench/open.ts';
import { offeredCommands, runCommand } from './workbench/palette.ts';
import { statusBar } from './workbench/parts.ts';
import { openProjectWindow } from './workbench/project-window.ts';
import type { Tree } from './workbench/tree.ts';
import { until } from './workbench/until.ts';

const themeNames = Object.keys(themes) as readonly ThemeName[];

describe('the storefront', () => {
  let workbench: Workbench;
  let pipelines: Tree;
  before(async () => {
    ({ workbench, pipelines } = await openProjectWindow({ fixture: 'storefront' }, 'summary'));
  });
  after(async () => assert.deepEqual(await workbench.close(), []));

  it('stands in the sidebar, with its groups and steps', async () => {
    const rows = await pipelines.rows();
    assert.deepEqual(
      rows.filter(({ level }) => level === 1).map(({ label, spoken }) => ({ label, spoken })),
      [{ label: 'storefront', spoken: 'storefront, not run yet' }],
    );
    const reachable = rows.findIndex(({ label }) => label === 'reachable');
    assert.deepEqual(
      rows.slice(reachable, reachable + 3).map(({ label, description, level }) => ({ label, description, level })),
      [
        { label: 'reachable', description: 'any of 2', level: 2 },
        { label: 'live', description: 'http', level: 3 },
        { label: 'snapshot', description: 'http', level: 3 },
      ],
    );
  });

  it('is offered in the command palette, without what needs a row', async () => {
    const offered = await offeredCommands(workbench.page, 'Treadle: ');
    assert.ok(offered.includes('Treadle: Run Default Pipeline'), offered.join(', '));
    assert.ok(!offered.includes('Treadle: Stop'), offered.join(', '));
  });

  it('runs from the button of its row, shows its progress, and passes', async () => {
    const { page } = workbench;
    await runCommand(page, 'Treadle: Show Timeline');
    await pipelines.press('storefront', /^Run/);
    const running = await pipelines.reaches('storefront', ({ description }) => /\d+ ?%/.test(description));
    assert.match(running.spoken, /^storefront, running, \d+ percent/);
    await until(
      'progress in the status bar',
      () => statusBar(page),
      (texts) => texts.some((text) => /\d+ ?%/.test(text)),
    );
    await pipelines.reaches('load', ({ spoken }) => spoken.startsWith('load, running'));
    await picture(workbench, 'docs/images/sidebar.png', sidebarRegion(560));
    await picture(workbench, 'docs/images/editor.png', { x: 0, y: 30, width: 1280, height: 600 });
    const ended = await pipelines.reaches('storefront', ({ spoken }) => /passed|failed/.test(spoken), 60_000);
    assert.match(ended.spoken, /^storefront, passed/);
    await pipelines.reaches('unit', ({ spoken }) => spoken.startsWith('unit, passed'));
  });

  for (const theme of themeNames) {
    it(`can be read in a ${theme} theme`, async () => {
      await wear(workbench, theme);
      await screenshot(workbench, `storefront-passed-${theme}`);
      await picture(workbench, `extension/media/walkthrough/run-${theme}.png`, sidebarRegion(560));
    });
  }
});
