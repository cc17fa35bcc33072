import { passPoweredTime } from './dongle.ts';
import { checkOneOwner, isRunning, nextBeatMs, use } from './host.ts';
import { hasPower, rules, type World } from './world.ts';

/** Machine and process of all processes. */
const all = [
  [0, 0],
  [0, 1],
  [1, 0],
] as const;

/**
 * Time passes. Hosts that can show that they live: in time, and once more when it is over, as they
 * may at any time, so that most states differ by nothing but what has happened.
 */
export function wait(world: World, ms: number): World {
  const endMs = world.nowMs + ms;
  let now = world;
  for (;;) {
    let nextMs = endMs;
    for (const [machine, process] of all) {
      const beatMs = nextBeatMs(now, machine, process);
      const isDue = beatMs <= now.nowMs || now.nowMs === endMs;
      if (isDue && isRunning(now, machine, process))
        now = checkOneOwner(use(now, machine, process));
      const againMs = isDue ? now.nowMs + rules.leaseMs / 4 : beatMs;
      nextMs = Math.min(nextMs, againMs);
    }
    if (now.nowMs === endMs) return now;
    now = passTime(now, nextMs - now.nowMs);
  }
}

function passTime(world: World, ms: number): World {
  const powered = hasPower(world) ? passPoweredTime(world, ms) : world;
  return { ...powered, nowMs: world.nowMs + ms };
}
