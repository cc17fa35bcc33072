import { describeFaults } from './faulty-suite.ts';
import faults from './memory.json' with { type: 'json' };

describeFaults('memory', faults);
