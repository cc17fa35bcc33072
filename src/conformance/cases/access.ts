import { toHex } from '../../bytes.ts';
import { type Command, commandTable } from '../../protocol/commands/index.ts';
import type { Case, Step } from '../case.ts';
import { demoPartition } from '../demo-partition.ts';
import { leastRequest } from '../least-request.ts';

// Made of the table of commands, so that none can be forgotten.

const { application } = demoPartition;

/** No device has a partition for it: it is the system's. */
const elsewhere = 6;

function loginAs(on: string, role: 'user' | 'administrator'): Step {
  const fields = { application, role, password: demoPartition[role] };
  return { do: 'call', on, command: 'login', fields };
}

function refusedOn(on: string, command: Command, partition: number): Step {
  const plaintext = { hex: toHex(leastRequest(command, { application: partition })) };
  return { do: 'call', on, plaintext, error: 'LOGIN_REQUIRED' };
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function loginCase(command: Command): Case {
  const asUser: readonly Step[] =
    command.needs === 'administrator'
      ? [loginAs('b', 'user'), refusedOn('b', command, application)]
      : [];
  return {
    name: `access-${kebabCase(command.name)}`,
    clause: 'access/login',
    title: `${command.name} needs a login of its own session as ${command.needs}, to the partition that it names.`,
    steps: [
      { do: 'session', on: 'a' },
      refusedOn('a', command, application),
      { do: 'session', on: 'b' },
      loginAs('b', 'administrator'),
      refusedOn('a', command, application),
      refusedOn('b', command, elsewhere),
      ...asUser,
      { do: 'call', on: 'b', command: 'logout', fields: { application } },
      refusedOn('b', command, application),
      { do: 'echo', on: 'a' },
    ],
  };
}

/** Whether a command only tells what everybody may know. */
function isInformation({ name }: Command): boolean {
  return name.startsWith('list') || ['describe', 'readTime', 'checkLicense'].includes(name);
}

function informationCase(command: Command): Case {
  const plaintext = { hex: toHex(leastRequest(command)) };
  return {
    name: `information-${kebabCase(command.name)}`,
    clause: 'access/information',
    title: `${command.name} answers without a login and without a seat.`,
    steps: [
      { do: 'session', on: 'a' },
      command.name === 'checkLicense'
        ? { do: 'call', on: 'a', plaintext, error: 'LICENSE_NOT_FOUND' }
        : { do: 'call', on: 'a', plaintext },
    ],
  };
}

/** Which commands need a login, and which never do. */
export const accessCases: readonly Case[] = [
  ...commandTable.filter(({ needs }) => needs !== 'nothing').map(loginCase),
  ...commandTable.filter(isInformation).map(informationCase),
];
