import { describeFaults } from './faulty-suite.ts';
import faults from './licenses.json' with { type: 'json' };

describeFaults('licenses', faults);
