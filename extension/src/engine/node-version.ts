/** The oldest Node.js that runs Treadle. */
export const oldestNode = '22.22';

/** Compares versions number by number: "22.100" is newer than "22.22". Anything after the numbers is not looked at. */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  const [numbers = ''] = /\d+(?:\.\d+)*/.exec(version) ?? [];
  return numbers.split('.').map(Number);
}

/** Whether a version begins with what a version file asks for, such as `v24` or `24.1`. */
export function fitsVersion(version: string, wanted: string): boolean {
  const numbers = /^\s*v?(\d+(?:\.\d+){0,2})\s*$/.exec(wanted)?.[1];
  const own = version.replace(/^v/, '');
  return numbers !== undefined && (own === numbers || own.startsWith(`${numbers}.`));
}
