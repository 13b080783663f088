import { InlineExecutor } from '../../../core/executors/inline/inline.ts';
import { describeExecutor } from './conformance.ts';

describeExecutor('inline', () => new InlineExecutor());
