import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

type Settings = Readonly<Record<string, unknown>>;

/** Changes settings of a workspace on the disk: of a folder, or of a `*.code-workspace` file. */
export async function changeSettings(workspace: string, changed: Settings): Promise<void> {
  if (workspace.endsWith('.code-workspace')) {
    const content = await read(workspace);
    const settings = typeof content['settings'] === 'object' ? content['settings'] : {};
    return writeFile(workspace, JSON.stringify({ ...content, settings: { ...settings, ...changed } }));
  }
  const file = join(workspace, '.vscode/settings.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...(await read(file)), ...changed }));
}

async function read(file: string): Promise<Settings> {
  try {
    // Only tests write these files, as objects.
    return JSON.parse(await readFile(file, 'utf8')) as Settings;
  } catch {
    return {};
  }
}
