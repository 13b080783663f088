import { introduction, startServer } from './editor.ts';

// An editor that a test kills: it runs a pipeline until then.
const [root = '', pipeline = ''] = process.argv.slice(2);
const server = startServer();
await server.request('initialize', introduction(root));
await server.request('run', { pipeline });
await server.exit;
