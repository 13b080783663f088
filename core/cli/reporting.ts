import type { RunEvent } from '../contract/events.ts';
import { createReporter } from '../reporters/registry.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { ReporterChoice } from './choose-reporters.ts';
import type { Console } from './console.ts';
