/** What the guest's first program does. */
export interface InitOptions {
  /** Names of the modules' files, in order. */
  readonly modules: readonly string[];
  /** Path of the host's udevd. */
  readonly udev: string;
  /** The repository's path on the host. */
  readonly repository: string;
  /** Command line, run with the repository as its folder. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** After so many seconds the command is killed. */
  readonly timeoutSeconds: number;
  readonly network: boolean;
}

/** Where the guest finds the repository, wherever it lies on the host. */
export const guestRepository = '/latchkey';

/** Where the guest finds the folder that it shares with the host. */
export const guestShare = '/share';

/** Stands in the kernel's log before the command starts and after it has ended. */
export const logMarks = { begin: 'latchkey: begin', end: 'latchkey: end' } as const;

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The guest's first program, for busybox. The command sees the host's files, and may write over them
 * in memory. Its exit code and the kernel's log go to the shared folder.
 */
export function initScript(options: InitOptions): string {
  const { modules, udev, repository, command, env, timeoutSeconds, network } = options;
  const variables = Object.entries({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
    ...env,
  }).map(([name, value]) => quote(`${name}=${value}`));
  const words = command.map(quote).join(' ');
  return `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys

prepare() {
  for module in ${modules.join(' ')}; do insmod /modules/$module || return 1; done
  share=trans=virtio,version=9p2000.L,msize=262144
  mount -t 9p -o $share,cache=none share ${guestShare} || return 1
  cat /dev/kmsg >${guestShare}/kmsg &
  reader=$!
  mount -t 9p -o $share,cache=loose,ro hostroot /host || return 1
  mount -t tmpfs none /memory || return 1
  mkdir /memory/upper /memory/work
  mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work none /root ||
    return 1
  # Bound before anything covers the folder that it lies in.
  cp /root${quote(udev)} /memory/udevd || return 1
  mkdir -p /root${guestRepository} /root${guestShare}
  mount --bind /root${quote(repository)} /root${guestRepository} || return 1
  mount --bind ${guestShare} /root${guestShare} || return 1
  mount -t tmpfs -o mode=1777 none /root/tmp || return 1
  mount -t tmpfs none /root/run || return 1
  mount --bind /dev /root/dev || return 1
  mkdir -p /root/dev/shm /root/dev/pts
  mount -t tmpfs -o mode=1777 none /root/dev/shm
  mount -t devpts none /root/dev/pts
  mount -t proc none /root/proc || return 1
  mount -t sysfs none /root/sys || return 1
  # What it is called tells it that it is the daemon.
  mv /memory/udevd /root/run/systemd-udevd && chroot /root /run/systemd-udevd --daemon || return 1
  ip link set lo up
${network ? '  ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0 || return 1\n' : ''}}

if prepare; then
  echo ${quote(logMarks.begin)} >/dev/kmsg
  echo 'The guest is up.'
  timeout -s KILL ${timeoutSeconds} chroot /root /usr/bin/env -i -C ${guestRepository} \\
    ${variables.join(' ')} ${words}
  code=$?
  echo ${quote(logMarks.end)} >/dev/kmsg
  # The log is complete when its last line has come through.
  for wait in 1 2 3 4 5 6 7 8 9 10; do
    grep -q ${quote(logMarks.end)} ${guestShare}/kmsg && break
    sleep 0.2
  done
  kill $reader
  echo $code >${guestShare}/exit
else
  echo 'The guest could not be set up.'
fi
poweroff -f
`;
}
