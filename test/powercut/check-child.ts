import { checkPowerCuts } from './check.ts';
import { faultPlan } from './plans.ts';

// Prints what cutting the power has found, as JSON. The tests of planted faults bundle this program
// with a store that has one.

const [seed] = process.argv.slice(2);
process.stdout.write(JSON.stringify(checkPowerCuts(faultPlan, Number(seed), () => {})));
