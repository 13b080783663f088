import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { step } from '../../../core/model/builders.ts';
import { callSiteOf } from '../../../core/model/call-site.ts';
import { definePlugin } from '../../../core/plugins/define.ts';

/** The line of whoever calls this, as Node itself prints it. */
function callerLine(): number {
  const [, , frame = ''] = new Error().stack?.split('\n') ?? [];
  return Number(/:(\d+):\d+\)?$/.exec(frame)?.[1]);
}

describe('call sites', () => {
  it('are where a builder was called', () => {
    const [definition, line] = [step('a', () => 1), callerLine()];
    assert.equal(definition.callSite?.file, import.meta.url);
    assert.equal(definition.callSite.line, line);
  });

  it('are where a plugin was called', () => {
    const greet = definePlugin({ name: 'greet', run: () => undefined });
    const [definition, line] = [greet('a'), callerLine()];
    assert.deepEqual([definition.callSite?.file, definition.callSite?.line], [import.meta.url, line]);
  });

  it('are found from inside functions of other people', () => {
    const definitions = ['a', 'b'].map((id) => step(id, () => 1));
    assert.ok(definitions.every(({ callSite }) => callSite?.file === import.meta.url));
  });

  it('leave errors as they were', () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    const hook = (): string => 'mine';
    try {
      for (const before of [prepareStackTrace, hook, undefined]) {
        if (before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
        else Error.prepareStackTrace = before;
        assert.ok(callSiteOf());
        assert.equal(Error.prepareStackTrace, before);
        assert.equal(Error.stackTraceLimit, stackTraceLimit);
      }
    } finally {
      if (prepareStackTrace !== undefined) Error.prepareStackTrace = prepareStackTrace;
    }
  });
});
