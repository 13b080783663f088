import type { Translate } from '../../../extension/src/translate.ts';

/** Texts as they are written in the source. */
export const english: Translate = (text, ...values) => text.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)]));
