import type { ExitCode } from '../../contract/errors.ts';
import { loadPlugins } from '../../config/load-plugins.ts';
import type { LoadedPlugin } from '../../plugins/registry.ts';
import { renderError } from '../../reporters/render-error.ts';
import type { Console } from '../console.ts';
import { describeOptions, type OptionSignature } from '../option-signature.ts';
import type { Paint } from '../paint.ts';
import type { ListFlags } from '../program.ts';
import { locateProject } from '../project-location.ts';
