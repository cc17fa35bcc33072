import faults from './asymmetric.json' with { type: 'json' };
import { describeFaults } from './faulty-suite.ts';

describeFaults('asymmetric', faults);
