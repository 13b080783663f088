import type * as v from 'valibot';
import { assertOptions } from './assert/options.ts';
import { httpOptions } from './http/options.ts';
import { serviceOptions } from './service.ts';
import { shellOptions } from './shell.ts';
import { testsOptions } from './tests/options.ts';
import { waitForOptions } from './wait-for.ts';

/** Schemas of the options of the built-in plugins, by the name that `uses` has; for the JSON Schema that editors use. */
export const optionSchemas: Readonly<Record<string, v.GenericSchema>> = {
  shell: shellOptions,
  http: httpOptions,
  'wait-for': waitForOptions,
  service: serviceOptions,
  tests: testsOptions,
  assert: assertOptions,
};
