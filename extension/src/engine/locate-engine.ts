import { dirname } from 'node:path';
import type { SetWatchParams } from '../../../core/contract/rpc.ts';
import { engineEnvironment } from './engine-environment.ts';
import { EngineUnavailable, unavailable } from './engine-error.ts';
import type { EngineCommand } from './engine-process.ts';
import { findNode, type NodeChoice, type NodeSearchOptions } from './find-node.ts';
import { findTreadle, type TreadlePackage } from './find-treadle.ts';

/** What is set for a project in the editor's settings. */
export interface EngineSettings {
  /** `treadle.nodePath` */
  readonly nodePath: string;
  /** `treadle.packagePath` */
  readonly packagePath: string;
  /** `treadle.env` */
  readonly env: { readonly [name: string]: string | null };
  /** `treadle.maxWorkers`; 0 leaves it to the engine. */
  readonly maxWorkers: number;
  /** `treadle.watch.whenBusy`; `undefined` when `treadle.watch.mode` says that nothing runs by itself. */
  readonly whenBusy: WhenBusy | undefined;
  /** `treadle.watch.debounce`, in milliseconds. Default: the engine's. */
  readonly debounceMs?: number;
}

/** What a change does to a run that is under way. */
export type WhenBusy = NonNullable<SetWatchParams['whenBusy']>;

/** Which engine runs a project, with which Node.js. */
export interface EngineLocation {
  readonly treadle: TreadlePackage;
  readonly node: NodeChoice;
  /** Without the debugger's flags. */
  readonly command: EngineCommand;
}

/** The surroundings in which is looked. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly editor: NodeSearchOptions['editor'];
}

/** Finds engines, and remembers for each folder which Node.js was chosen. */
export class EngineLocator {
  private readonly surroundings: Surroundings;
  private readonly nodes = new Map<string, Promise<NodeChoice>>();

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  /** Rejects with an {@link EngineUnavailable} that says what is missing. */
  async locate(configFile: string, workspaceFolder: string, settings: EngineSettings): Promise<EngineLocation> {
    const { treadle, node, command } = await this.locateProgram(dirname(configFile), workspaceFolder, settings);
    return { treadle, node, command: { ...command, args: [...command.args, 'serve', '--stdio'] } };
  }

  /** The same, before it is told what to do. */
  async locateProgram(folder: string, workspaceFolder: string, settings: EngineSettings): Promise<EngineLocation> {
    const found = await findTreadle({ folder, configured: { path: settings.packagePath, relativeTo: workspaceFolder } });
    if (found.kind === 'missing') throw new EngineUnavailable({ kind: 'no-treadle' }, `Treadle is not installed for ${folder}.`);
    if (found.kind === 'unusable') throw unavailable(found.message);
    const node = await this.nodeFor(folder, settings.nodePath);
    const command: EngineCommand = {
      file: node.path,
      args: [found.treadle.bin],
      cwd: folder,
      env: engineEnvironment(this.surroundings.env, node, settings.env),
    };
    return { treadle: found.treadle, node, command };
  }

  /** Looks for Node.js anew next time. */
  forget(): void {
    this.nodes.clear();
  }

  private nodeFor(folder: string, configured: string): Promise<NodeChoice> {
    const name = JSON.stringify([folder, configured]);
    let node = this.nodes.get(name);
    if (node === undefined) {
      node = this.search(folder, configured);
      this.nodes.set(name, node);
      // What was not there may come: only what was found is remembered.
      node.catch(() => this.nodes.delete(name));
    }
    return node;
  }

  private async search(folder: string, configured: string): Promise<NodeChoice> {
    const search = await findNode({ ...this.surroundings, folder, configured });
    if (search.kind === 'found') return search.node;
    const message = `No Node.js was found that can run Treadle. ${search.tried.join('; ')}`;
    throw new EngineUnavailable({ kind: 'no-node', tried: search.tried }, message);
  }
}
