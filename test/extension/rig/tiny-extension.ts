import { addFiles } from '../../support/project.ts';

const manifest = {
  name: 'tiny',
  publisher: 'treadle',
  version: '1.0.0',
  engines: { vscode: '^1.101.0' },
  main: './extension.cjs',
  activationEvents: ['onStartupFinished'],
  contributes: {
    viewsContainers: { activitybar: [{ id: 'tiny', title: 'Tiny', icon: 'tiny.svg' }] },
    views: { tiny: [{ id: 'tiny.things', name: 'Things' }] },
    commands: [{ command: 'tiny.greet', title: 'Greet', category: 'Tiny' }],
    menus: { 'view/item/context': [{ command: 'tiny.greet', when: 'view == tiny.things', group: 'inline' }] },
  },
};

const source = `const vscode = require('vscode');
exports.activate = ({ subscriptions }) => {
  subscriptions.push(
    vscode.commands.registerCommand('tiny.greet', () => { vscode.window.showInformationMessage('Hello from Tiny'); return 'hello'; }),
    vscode.window.registerTreeDataProvider('tiny.things', {
      getChildren: (thing) => (thing ? [] : ['one', 'two']),
      getTreeItem: (thing) => ({ label: thing, description: 'a thing', accessibilityInformation: { label: thing + ', of two' } }),
    }),
  );
};
`;

/** Writes a tiny extension into a folder: what the rig itself is tested with. */
export function writeTinyExtension(folder: string): void {
  addFiles(folder, {
    'package.json': JSON.stringify(manifest),
    'extension.cjs': source,
    'tiny.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8"/></svg>',
    'README.md': 'Tiny\n',
    LICENSE: 'MIT\n',
  });
}
