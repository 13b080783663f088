// What `import … from 'treadle/plugins'` gives.
export { assert } from './assert/assert.ts';
export { http } from './http/http.ts';
export { service } from './service.ts';
export { shell } from './shell.ts';
export { tests } from './tests/tests.ts';
export { waitFor } from './wait-for.ts';
