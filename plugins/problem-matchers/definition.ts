import * as v from 'valibot';
import { forms } from '../forms.ts';
import { isSource, sourceProblem } from '../pattern.ts';
import { isMatcherName, isPatternName, matcherNames } from './named.ts';
import type { ProblemPattern } from './types.ts';

const groupNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const severity = v.picklist(['error', 'warning', 'info']);

/** One line of a problem. Properties that VS Code knows and Treadle has no use for are let through. */
export const problemPattern = v.looseObject({
  regexp: v.pipe(
    v.string(),
    v.check(isSource, (issue) => sourceProblem(issue.input)),
    v.description('Matched against one line without its colours.'),
  ),
  kind: v.optional(v.pipe(v.picklist(['location', 'file']), v.description("'file': the problem concerns the file as a whole."))),
  file: v.optional(groupNumber),
  location: v.optional(v.pipe(groupNumber, v.description('Group that holds line, line,column or line,column,endLine,endColumn.'))),
  line: v.optional(groupNumber),
  column: v.optional(groupNumber),
  endLine: v.optional(groupNumber),
  endColumn: v.optional(groupNumber),
  severity: v.optional(groupNumber),
  code: v.optional(groupNumber),
  message: v.optional(groupNumber),
  loop: v.optional(v.pipe(v.boolean(), v.description('On the last pattern: it may match many lines, each a problem.'))),
});

const patternName = v.pipe(
  v.string(),
  v.check(isPatternName, (issue) => `there is no problem pattern "${issue.input}"`),
);
const patternList = v.pipe(
  v.array(problemPattern),
  v.minLength(1),
  v.check((list) => list.slice(0, -1).every(({ loop }) => loop !== true), 'only the last pattern may loop'),
  v.check((list) => list.some(hasMessage), 'no pattern has a message group'),
  v.check((list) => list.some(({ file }) => file !== undefined), 'no pattern has a file group'),
  v.check((list) => list[0]?.kind === 'file' || list.some(hasPlace), 'no pattern has a line or location group'),
);

const folder = v.pipe(v.string(), v.description('${cwd} (of the command) or ${workspaceFolder} (the project), and a path below it.'));
const fileLocation = v.union(
  [
    v.picklist(['absolute', 'relative', 'autoDetect']),
    v.tuple([v.picklist(['relative', 'autoDetect']), folder]),
    v.tuple([v.literal('absolute')]),
  ],
  "must be 'absolute', 'relative' or 'autoDetect', the last two also in a list with a folder; 'search' is not supported",
);

const matcherName = v.pipe(
  v.string(),
  v.check(isMatcherName, (issue) => `there is no problem matcher "${issue.input}"; there are ${matcherNames.join(', ')}`),
);

/** A problem matcher as VS Code's tasks.json writes it. */
export const problemMatcherObject = v.pipe(
  v.looseObject({
    base: v.optional(v.pipe(matcherName, v.description('A named matcher that this one changes.'))),
    owner: v.optional(v.string()),
    source: v.optional(v.pipe(v.string(), v.description('Shown with each problem. Default: the owner, else the name of the matcher.'))),
    severity: v.optional(v.pipe(severity, v.description("Where the pattern tells none. Default: 'error'."))),
    fileLocation: v.optional(
      v.pipe(fileLocation, v.description("How file names are meant. Default: 'relative' to the folder that the command runs in.")),
    ),
    pattern: v.optional(v.union([patternName, problemPattern, patternList])),
  }),
  v.check(({ base, pattern }) => base !== undefined || pattern !== undefined, 'a problem matcher needs a pattern or a base'),
);

const oneMatcher = forms([matcherName, problemMatcherObject], (input) => (typeof input === 'string' ? matcherName : problemMatcherObject));
const matcherList = v.array(oneMatcher);

/** A named matcher, a matcher of one's own, or several of these. */
export const problemMatcher = forms([oneMatcher, matcherList], (input) => (Array.isArray(input) ? matcherList : oneMatcher));

function hasMessage({ message }: ProblemPattern): boolean {
  return message !== undefined;
}

function hasPlace({ line, location }: ProblemPattern): boolean {
  return line !== undefined || location !== undefined;
}
