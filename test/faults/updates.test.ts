import { describeFaults } from './faulty-suite.ts';
import faults from './updates.json' with { type: 'json' };

describeFaults('updates', faults);
