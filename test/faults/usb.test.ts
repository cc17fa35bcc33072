import { describeFaults } from './faulty-suite.ts';
import faults from './usb.json' with { type: 'json' };

describeFaults('usb', faults);
