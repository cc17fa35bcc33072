import type { Setup, Step, UsbStep } from './case.ts';
import { type CaseRun, closeLinks } from './case-run.ts';
import type { UsbPort } from './target.ts';
import { bytesOf, check, tampered } from './values.ts';

/** How long a transfer may take, in milliseconds. */
const withinMs = 1000;

/** Longest pause between two looks at whether a transfer is over. */
const lookMs = 20;

/** Whether a step is one on the USB port, or has such steps in it. */
export function needsUsbPort(step: Step): boolean {
  switch (step.do) {
    case 'control':
    case 'write':
    case 'read':
    case 'reset':
      return true;
    case 'repeat':
    case 'together':
      return step.steps.some(needsUsbPort);
    default:
      return false;
  }
}

/** Does a step on the USB port. */
export async function doUsbStep(run: CaseRun, step: UsbStep): Promise<void> {
  const { usb } = run.target;
  if (usb === undefined) throw new Error('there is no way to the USB port');
  switch (step.do) {
    case 'control':
      return control(run, usb, step);
    case 'write': {
      const data = tampered(bytesOf(step.data ?? { bytes: 0 }, run.saved, 0), step);
      expectStall(await inTime(run, usb.write(step.to, data)), step.stall);
      return;
    }
    case 'read': {
      const data = await inTime(run, usb.read(step.from, step.room));
      expectStall(data, step.stall);
      if (step.data !== undefined) check('the transfer', data, step.data, run.saved, 0);
      return;
    }
    case 'reset':
      await closeLinks(run);
      return inTime(run, usb.reset());
  }
}

async function control(
  run: CaseRun,
  usb: UsbPort,
  step: UsbStep & { do: 'control' },
): Promise<void> {
  const data = bytesOf(step.send ?? { bytes: 0 }, run.saved, 0);
  const answer = await inTime(run, usb.control(setupPacket(step.setup), data));
  expectStall(answer, step.stall);
  if (!step.stall) check('the answer', answer, step.answer ?? { bytes: 0 }, run.saved, 0);
}

/** The eight bytes of a setup packet; numbers are little-endian (USB 2.0 table 9-2). */
function setupPacket({ type, request, value = 0, index = 0, length = 0 }: Setup): Uint8Array {
  const words = [value, index, length];
  return Uint8Array.from([type, request, ...words.flatMap((word) => [word & 0xff, word >> 8])]);
}

function expectStall(outcome: unknown, stall = false): void {
  if ((outcome === 'stall') !== stall) {
    throw new Error(stall ? 'the device does not refuse' : 'the device refuses');
  }
}

/** Lets time pass until the transfer is over. */
async function inTime<Value>(run: CaseRun, transfer: Promise<Value>): Promise<Value> {
  const { clock, pass, toleranceMs = 0 } = run.target;
  let over = false;
  const end = () => {
    over = true;
  };
  transfer.then(end, end);
  const endMs = clock.now() + withinMs + toleranceMs;
  await pass(0);
  for (let waitMs = 1; !over && clock.now() < endMs; waitMs = lookMs) await pass(waitMs);
  if (!over) throw new Error(`the transfer is not over after ${withinMs} ms`);
  return transfer;
}
