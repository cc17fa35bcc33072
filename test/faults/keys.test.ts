import { describeFaults } from './faulty-suite.ts';
import faults from './keys.json' with { type: 'json' };

describeFaults('keys', faults);
