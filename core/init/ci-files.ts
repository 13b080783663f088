import type { PackageManager } from './package-manager.ts';

/** CI systems that a file can be written for. */
export const ciSystems = ['github', 'gitlab', 'azure', 'jenkins'] as const;
export type CiSystem = (typeof ciSystems)[number];

/** What a CI file depends on. */
export interface CiNeeds {
  readonly manager: PackageManager;
  /** Whether browsers are to be installed for Playwright. */
  readonly browsers: boolean;
}

/** A file for a CI system. */
export interface CiFile {
  readonly path: string;
  readonly text: string;
}

const nodeVersion = 24;
/** Where git, formatters and linters do not see it. */
const report = '.treadle/junit.xml';
const findings = '.treadle/codequality.json';
const junit = ` --reporter line --reporter junit=${report}`;

export function ciFile(system: CiSystem, needs: CiNeeds): CiFile {
  return writers[system](needs);
}

const writers: { readonly [System in CiSystem]: (needs: CiNeeds) => CiFile } = {
  github: (needs) => ({
    path: '.github/workflows/treadle.yml',
    text: `name: Treadle
on:
  push:
    branches: [main, master]
  pull_request:

permissions:
  contents: read

jobs:
  treadle:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v5
${githubSetup(needs.manager)}
      # What steps with inputs left: they run again only when something has changed that they depend on.
      - uses: actions/cache@v4
        with:
          path: .treadle/cache
          key: treadle-\${{ runner.os }}-\${{ github.run_id }}
          restore-keys: treadle-\${{ runner.os }}-
${commands(needs)
  .map((command) => `      - run: ${command}\n`)
  .join('')}`,
  }),
  gitlab: (needs) => ({
    path: '.gitlab-ci.yml',
    text: `treadle:
  image: ${image(needs)}
  variables:
    # Where the package manager keeps what it downloads: only files of the project can be cached.
    npm_config_cache: $CI_PROJECT_DIR/.cache/npm
  cache:
    key: treadle-$CI_COMMIT_REF_SLUG
    paths:
      - .cache/npm
      - .treadle/cache
  script:
${[...setup(needs.manager), ...commands(needs, `${junit} --reporter codequality=${findings}`)].map((command) => `    - ${command}\n`).join('')}  artifacts:
    when: always
    reports:
      junit: ${report}
      codequality: ${findings}
`,
  }),
  azure: (needs) => ({
    path: 'azure-pipelines.yml',
    text: `trigger:
  - main

pool:
  vmImage: ubuntu-latest

steps:
  - task: UseNode@1
    inputs:
      version: '${nodeVersion}.x'
  # What steps with inputs left: they run again only when something has changed that they depend on.
  - task: Cache@2
    inputs:
      key: treadle | "$(Agent.OS)" | "$(Build.BuildId)"
      restoreKeys: treadle | "$(Agent.OS)"
      path: .treadle/cache
${[...setup(needs.manager), ...commands(needs, junit)].map((command) => `  - script: ${command}\n`).join('')}  - task: PublishTestResults@2
    condition: succeededOrFailed()
    inputs:
      testResultsFiles: ${report}
      failTaskOnMissingResultsFile: true
`,
  }),
  jenkins: (needs) => ({
    path: 'Jenkinsfile',
    text: `pipeline {
  agent {
    docker { image '${image(needs)}' }
  }
  environment {
    CI = 'true'
    npm_config_cache = "\${env.WORKSPACE}/.cache/npm"
  }
  options {
    timeout(time: 30, unit: 'MINUTES')
  }
  stages {
    stage('Treadle') {
      steps {
${[...setup(needs.manager), ...commands(needs, junit)].map((command) => `        sh '${command}'\n`).join('')}      }
    }
  }
  post {
    always {
      junit '${report}'
    }
  }
}
`,
  }),
};

/** A pnpm or Yarn of the version that the project names comes with corepack. */
function setup({ name }: PackageManager): readonly string[] {
  if (name === 'bun') return ['npm install --global bun'];
  return name === 'npm' ? [] : ['npm install --global corepack', 'corepack enable'];
}

function githubSetup({ name }: PackageManager): string {
  const before =
    name === 'pnpm'
      ? '      - uses: pnpm/action-setup@v4\n'
      : name === 'bun'
        ? '      - uses: oven-sh/setup-bun@v2\n'
        : name === 'yarn'
          ? '      - run: corepack enable\n'
          : '';
  const cache = name === 'bun' ? '' : `\n          cache: ${name}`;
  return `${before}      - uses: actions/setup-node@v5
        with:
          node-version: ${nodeVersion}${cache}`;
}

function commands({ manager, browsers }: CiNeeds, options = ''): readonly string[] {
  return [manager.install, ...(browsers ? [`${manager.exec} playwright install --with-deps`] : []), `${manager.exec} treadle${options}`];
}

function image({ browsers }: CiNeeds): string {
  // Installing a browser needs root and Debian's packages.
  return browsers ? `node:${nodeVersion}-bookworm` : `node:${nodeVersion}-slim`;
}
