import type { RunEventBody } from '../contract/events.ts';
import type { StepRemark } from '../contract/memory.ts';
import type { Mask } from '../secrets/mask.ts';

type OutputBody = RunEventBody & { readonly type: 'step:output' };

/** Takes secrets out of the events of a run, before anybody sees them. */
export class MaskedEvents {
  private readonly mask: Mask;
  private readonly emitted: (body: RunEventBody) => void;
  /** Ends of output that may be the beginning of a secret, by step and stream. */
  private readonly held = new Map<string, Map<string, OutputBody>>();

  constructor(mask: Mask, emit: (body: RunEventBody) => void) {
    this.mask = mask;
    this.emitted = emit;
  }

  emit(body: RunEventBody): void {
    if (this.mask.isEmpty) return this.emitted(body);
    switch (body.type) {
      case 'step:output':
        return this.output(body);
      case 'step:retry':
      case 'step:end':
        this.release(body.id);
        break;
      case 'run:end':
        for (const id of [...this.held.keys()]) this.release(id);
        return this.emitted(this.withoutDecoding(body));
      default:
    }
    this.emitted(this.mask.data(body));
  }

  private output(body: OutputBody): void {
    const streams = this.held.get(body.id);
    const { masked, held } = this.mask.stream(`${streams?.get(body.stream)?.text ?? ''}${body.text}`);
    streams?.delete(body.stream);
    if (masked !== '') this.emitted({ ...body, text: masked });
    if (held !== '') this.held.set(body.id, (streams ?? new Map<string, OutputBody>()).set(body.stream, { ...body, text: held }));
  }

  private release(id: string): void {
    const streams = this.held.get(id);
    this.held.delete(id);
    // The beginning of a secret can be a whole one itself.
    for (const body of streams?.values() ?? []) this.emitted({ ...body, text: this.mask.text(body.text) });
  }

  /** The results are decoded only for readers that look. */
  private withoutDecoding(body: RunEventBody & { readonly type: 'run:end' }): RunEventBody {
    const { mask } = this;
    const { status, durationMs, counts, resultBytes, errors, type } = body;
    let results: typeof body.results | undefined;
    return {
      type,
      status,
      durationMs,
      counts,
      ...(resultBytes === undefined ? {} : { resultBytes }),
      errors: mask.data(errors),
      get results() {
        return (results ??= mask.data(body.results));
      },
    };
  }
}

/** What a step said, without secrets. Output that came in pieces is put together: a secret may be spread over several. */
export function maskRemarks(remarks: readonly StepRemark[], mask: Mask): readonly StepRemark[] {
  if (mask.isEmpty) return remarks;
  const joined: StepRemark[] = [];
  for (const remark of remarks) {
    const last = joined.at(-1);
    if (remark.type === 'output' && last?.type === 'output' && last.stream === remark.stream) {
      joined[joined.length - 1] = { ...last, text: last.text + remark.text };
    } else joined.push(remark);
  }
  // What a step attached are files of its own.
  return joined.map((remark) => (remark.type === 'attachment' ? remark : mask.data(remark)));
}
