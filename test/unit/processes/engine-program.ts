import { leaveSession, openRig } from './start.ts';

// Stands for an engine that is going to be killed: starts a command with a stray, and then only exists.

const [, , root = '', how = ''] = process.argv;
const rig = openRig({ root });
// With the mark of the test that started this program.
const inherited: Record<string, string> = {};
for (const [name, value] of Object.entries(process.env)) if (value !== undefined) inherited[name] = value;
const command = rig.exec(leaveSession('setInterval(() => {}, 1000)'), { env: inherited });
await command.says('left');
process.stdout.write('ready\n');
if (how === 'exits') process.exit(0);
if (how === 'throws') throw new Error('an engine that crashes');
