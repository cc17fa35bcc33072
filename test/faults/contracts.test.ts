import faults from './contracts.json' with { type: 'json' };
import { describeFaults } from './faulty-suite.ts';

describeFaults('contracts', faults);
