import type { Scenario, ScenarioStep } from './scenario.ts';
import {
  cutPower,
  hour,
  minute,
  plug,
  quit,
  resetBus,
  second,
  setClock,
  share,
  start,
  times,
  unplug,
  wait,
} from './steps.ts';

const both: readonly ScenarioStep[] = [start('A1'), start('B1')];

/** A box that gives the dongle to two machines in turn. */
const alternate = (everyMs: number): ScenarioStep =>
  times(20, plug('A'), wait(everyMs), plug('B'), wait(everyMs));

/** One license for many: the dongle locks, or is refused as shared. */
export const attacks: readonly Scenario[] = [
  {
    name: 'a hub switches every two seconds',
    steps: [...both, alternate(2 * second)],
    outcome: 'lockedOut',
    meanwhile: [alternate(2 * second)],
  },
  {
    name: 'a hub switches every five seconds',
    steps: [...both, alternate(5 * second)],
    outcome: 'lockedOut',
    meanwhile: [times(10, wait(10 * second), resetBus)],
  },
  {
    name: 'a hub switches every fourteen seconds',
    steps: [...both, alternate(14 * second)],
    outcome: 'lockedOut',
    meanwhile: [unplug, wait(hour), plug('B'), wait(10 * second), unplug, wait(hour)],
  },
  {
    name: 'two machines alternate each twenty seconds',
    steps: [...both, alternate(20 * second)],
    outcome: 'lockedOut',
  },
  {
    name: 'two machines alternate every four minutes',
    steps: [...both, alternate(4 * minute)],
    outcome: 'lockedOut',
  },
  {
    name: 'two machines alternate every ten seconds, with a minute without power in between',
    steps: [
      ...both,
      times(
        20,
        plug('A'),
        wait(10 * second),
        unplug,
        wait(minute),
        plug('B'),
        wait(10 * second),
        unplug,
        wait(minute),
      ),
    ],
    outcome: 'lockedOut',
  },
  {
    name: 'two machines alternate every ten seconds, power cut three times in between',
    steps: [
      ...both,
      times(
        20,
        plug('A'),
        wait(10 * second),
        times(3, cutPower),
        plug('B'),
        wait(10 * second),
        times(3, cutPower),
      ),
    ],
    outcome: 'lockedOut',
    meanwhile: [times(30, wait(1700), cutPower)],
  },
  {
    name: 'two machines alternate every ten seconds, power cut in the middle of a write each time',
    steps: [
      ...both,
      times(
        40,
        { do: 'tearWrite', nth: 3 },
        plug('A'),
        wait(10 * second),
        { do: 'tearWrite', nth: 2 },
        plug('B'),
        wait(10 * second),
      ),
    ],
    outcome: 'lockedOut',
    meanwhile: [times(20, { do: 'tearWrite', nth: 1 }, wait(2500))],
  },
  {
    name: 'two machines alternate every ten seconds, their clocks set a day on each time',
    steps: [
      ...both,
      times(
        20,
        plug('A'),
        setClock('A', 24 * hour),
        wait(10 * second),
        plug('B'),
        setClock('B', 24 * hour),
        wait(10 * second),
      ),
    ],
    outcome: 'lockedOut',
    meanwhile: [times(10, setClock('A', 24 * hour), setClock('B', -24 * hour), wait(5 * second))],
  },
  {
    name: 'two machines alternate every minute, each ending first',
    steps: [
      times(
        20,
        plug('A'),
        start('A1'),
        wait(minute),
        quit('A1'),
        plug('B'),
        start('B1'),
        wait(minute),
        quit('B1'),
      ),
    ],
    outcome: 'lockedOut',
  },
  {
    name: 'a script reattaches the dongle every three seconds',
    steps: [start('A1'), times(30, plug('A'), wait(3 * second))],
    outcome: 'lockedOut',
    meanwhile: [times(20, plug('A'), wait(3500))],
  },
  {
    name: 'a script resets the bus every four seconds',
    steps: [plug('A'), start('A1'), times(30, wait(4 * second), resetBus)],
    outcome: 'lockedOut',
  },
  {
    name: 'a machine and its clone alternate every ten seconds',
    steps: [
      plug('A'),
      start('A1'),
      wait(minute),
      { do: 'takeSnapshot', machine: 'A' },
      { do: 'restoreSnapshot', machine: 'B' },
      start('B1'),
      times(20, plug('B'), wait(10 * second), plug('A'), wait(10 * second)),
    ],
    outcome: 'lockedOut',
  },
  {
    name: 'a machine is set back to its snapshot every ten seconds, and the dongle replugged',
    steps: [
      plug('A'),
      start('A1'),
      wait(minute),
      { do: 'takeSnapshot', machine: 'A' },
      times(
        20,
        { do: 'restoreSnapshot', machine: 'A' },
        plug('A'),
        start('A1'),
        wait(5 * second),
        quit('A1'),
        start('A1'),
        wait(5 * second),
      ),
    ],
    outcome: 'lockedOut',
  },
  {
    name: 'three machines take turns every fifteen seconds',
    steps: [
      ...both,
      start('C1'),
      times(
        20,
        plug('A'),
        wait(15 * second),
        plug('B'),
        wait(15 * second),
        plug('C'),
        wait(15 * second),
      ),
    ],
    outcome: 'lockedOut',
  },
  {
    name: 'a box shares it between two machines',
    steps: [plug('A'), ...both, wait(minute), share, wait(minute)],
    outcome: 'shared',
  },
  {
    name: 'a box shares it between three machines from the beginning',
    steps: [plug('A'), share, ...both, start('C1'), wait(minute)],
    outcome: 'shared',
  },
];
