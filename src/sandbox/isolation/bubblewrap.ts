import path from 'node:path';
import type { Gpu } from '../gpus';
import { scriptEnvironment } from '../script-environment';
import { entryCommand } from './entry';
import { GPU_DEVICES, type Isolation, type Placement } from './isolation';
import { isWithin, planMounts, readOnlyAt, type Mount } from './mount-plan';
import { pythonPlaces } from './python-places';
import { accountMounts, systemMounts } from './system-places';
import { isolationUnavailable } from './unavailable';

/** What the installed bubblewrap can do beyond what every version can. */
export interface BubblewrapFeatures {
  /** Limits the size of a file system in memory (0.6). */
  readonly sizes: boolean;
  /** Keeps what runs inside from making user namespaces of its own (0.8). */
  readonly noNesting: boolean;
}

export interface BubblewrapSetup {
  /** Absolute path of the `bwrap` command. */
  readonly bwrap: string;
  readonly features: BubblewrapFeatures;
  /** Directories of this machine that no sandbox shows, wherever they lie. */
  readonly hidden: readonly string[];
  /** Where `writeAccountFiles` wrote. */
  readonly accountDirectory: string;
}

/** Where a script's directory appears inside. */
const INSIDE = '/coppice';

/** Device files that every script with a GPU needs besides the GPU's own. */
const GPU_COMMON = ['/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/nvidia-uvm-tools', '/dev/nvidia-modeset'];

/** File systems that what runs inside could otherwise write into: the root holds nothing of its own. */
const SEALED = ['/proc', '/dev', '/'];

/**
 * Runs scripts in namespaces of their own: a file system put together from what they need, no network unless granted,
 * processes of their own. Needs no rights where the system lets users make namespaces.
 */
export function createBubblewrap(setup: BubblewrapSetup): Isolation {
  const places = new Map<string, Promise<readonly string[]>>();
  const placesOf = (pythonPath: string): Promise<readonly string[]> => {
    const known = places.get(pythonPath) ?? pythonPlaces(pythonPath);
    places.set(pythonPath, known);
    known.catch(() => places.delete(pythonPath));
    return known;
  };
  return {
    name: 'bubblewrap',
    holds: [
      'no network unless the task is granted it',
      'no view of the home directory, keys, other runs and the Temporal server',
      'system and data are read-only',
      'processes, /tmp and /dev/shm of its own',
    ],
    open: ["the machine's kernel is shared", 'with the network granted, all that this machine reaches can be reached'],
    input: 'bind',
    command: async (placement) => {
      const mounts = await mountsOf(setup, placement, await placesOf(placement.pythonPath));
      return {
        command: [setup.bwrap, ...commandArguments(setup.features, placement, mounts)],
        environment: scriptEnvironment({ ...placement, homeDirectory: `${INSIDE}/.home`, temporaryDirectory: '/tmp' }),
      };
    },
    gpuArguments,
  };
}

async function mountsOf(
  setup: BubblewrapSetup,
  placement: Placement,
  python: readonly string[],
): Promise<readonly Mount[]> {
  const { directory, network, gpus, input } = placement;
  const system = await systemMounts({ network, gpus: gpus > 0 });
  const own: Mount[] = [
    { kind: 'writable', source: directory, path: INSIDE },
    { kind: 'writable', source: path.join(directory, '.tmp'), path: '/tmp' },
    { kind: 'read-only', source: input.directory, path: `${INSIDE}/input` },
    ...placement.readOnly.map((name): Mount => ({
      kind: 'read-only',
      source: path.join(directory, name),
      path: `${INSIDE}/${name}`,
    })),
  ];
  const others = await Promise.all([...python, ...placement.mounts, ...input.mounts].map(requireMount));
  const visible = others.filter((mount) => !system.some((known) => isShown(mount, known)));
  const mounts = [...system, ...accountMounts(setup.accountDirectory, network), ...own, ...visible];
  return planMounts(mounts, [...setup.hidden, ...input.hidden]);
}

function isShown(mount: Mount, known: Mount): boolean {
  if (mount.kind === 'hidden' || mount.kind === 'link' || known.kind !== 'read-only') return false;
  return mount.source === mount.path && known.source === known.path && isWithin(mount.path, known.path);
}

async function requireMount(place: string): Promise<Mount> {
  const mount = await readOnlyAt(place);
  if (mount !== null) return mount;
  throw isolationUnavailable(`${place}, which scripts of this task have to see, is not on this machine; put it there`);
}

function commandArguments(features: BubblewrapFeatures, placement: Placement, mounts: readonly Mount[]): string[] {
  const hidden = mounts.flatMap((mount) => (mount.kind === 'hidden' ? [mount.path] : []));
  return [
    '--unshare-all',
    ...(features.noNesting ? ['--unshare-user', '--disable-userns'] : []),
    ...(placement.network ? ['--share-net'] : []),
    '--die-with-parent',
    ...['--cap-drop', 'ALL'],
    ...['--hostname', 'coppice'],
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...mounts.flatMap(mountArguments),
    ...(placement.gpus > 0 ? [GPU_DEVICES] : []),
    ...(features.sizes ? ['--size', String(Math.ceil(placement.resources.memoryBytes / 2))] : []),
    ...['--tmpfs', '/dev/shm'],
    ...[...hidden, ...SEALED].flatMap((place) => ['--remount-ro', place]),
    ...['--chdir', INSIDE],
    '--',
    ...entryCommand(placement.program),
  ];
}

function mountArguments(mount: Mount): string[] {
  switch (mount.kind) {
    case 'read-only':
      return ['--ro-bind', mount.source, mount.path];
    case 'writable':
      return ['--bind', mount.source, mount.path];
    case 'link':
      return ['--symlink', mount.target, mount.path];
    case 'hidden':
      return ['--tmpfs', mount.path];
  }
}

function gpuArguments(gpu: Gpu): string[] {
  return [...GPU_COMMON, ...gpu.devices].flatMap((device) => ['--dev-bind-try', device, device]);
}
