// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { PORT_BITMAP_BYTES, portBitmap } from '../base/port-bitmap.ts';
import type { SpreadKey } from '../base/spread.ts';
import { loadBpfObject, updateMap } from '../ebpf/bpf-loader.ts';
import { parseBpfObject } from '../ebpf/bpf-object.ts';
import { type CapabilityName, hasCapability } from '../sys/capability.ts';
import { liftLockedMemoryLimit } from '../sys/memory.ts';
import { interfaceIndexByName } from '../sys/network-interface.ts';
import {
  closeDescriptor,
  duplicateDescriptor,
  openPacketSocket,
  Packet,
  Socket,
  setSocketOption,
} from '../sys/socket.ts';
import { SystemError } from '../sys/system-error.ts';
import {
  ANY_INTERFACE,
  BLOCK_BYTES,
  type CaptureHandles,
  type FilterHandle,
  RETIRE_MILLIS,
  type RingHandle,
} from './capture-handles.ts';
import { joinFanoutGroup, loadFanout } from './fanout-group.ts';
import { ENTRY_NAME, loadEntry, PROGRAMS_MAP } from './filter-entry.ts';
import { NO_INTERFACE } from './heard-interface.ts';
import { bindToInterface } from './interface-binding.ts';

/** What to capture. */
export type CaptureOptions = {
  /** Names, or only `any`. One that is missing or down is waited for. */
  readonly interfaces: readonly string[];
  /** UDP and TCP ports, or a bitmap made by `portBitmap`. */
  readonly ports: readonly number[] | Uint8Array;
  /** Also pass UDP whose payload begins like SIP, on any port. */
  readonly detect: boolean;
  /** Also pass RTP and RTCP: on ports that were learned (`LiveCapture.mediaPorts`), or wherever it looks like them. */
  readonly rtp?: 'learned' | 'detected';
  /** Tunnels whose inside is judged, bits of `enum tunnel` in bpf/walk.h. */
  readonly tunnels: number;
  /** Receive what is addressed to other hosts, as on a mirror port. Not possible with `any`. */
  readonly promiscuous: boolean;
  /**
   * Memory of the ring of each interface; rounded up to whole blocks of 256 KiB, from 1 MiB to 1 GiB. Several workers have
   * equal parts of it, each at least 1 MiB.
   */
  readonly ringBytes: number;
  /** How many workers share the packets of each interface, and the key of the hash by which they do; one, if not given. */
  readonly sharing?: { readonly workers: number; readonly key: SpreadKey };
};

/** An open capture, not yet taken over by a `LiveCapture`. */
export type OpenCapture = {
  /** One for each worker. */
  readonly handles: readonly CaptureHandles[];
  /** To change what is let through: each for a `LiveFilter`. */
  readonly filters: readonly FilterHandle[];
  /** Closes everything. Only for when no `LiveCapture` took the handles over: that closes them itself. */
  readonly close: () => void;
};

/** Packets cannot be captured; the message is one sentence that says what to do. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

const OBJECT_FILE = new URL('../../bpf/build/sip_capture.bpf.o', import.meta.url);
const PROGRAM_NAME = 'sip_capture';
const MEDIA_PORTS_MAP = 'media_ports';
const DEFAULT_FRAME_BYTES = 2048;
const MIN_BLOCKS = 4;
/** RTP_OFF, RTP_LEARNED and RTP_DETECTED of bpf/sip_capture.bpf.c. */
const RTP_SETTINGS = { learned: 1, detected: 2 } as const;
const RTP_OFF = 0;
/** Of the map `port_bitmap`. */
const PORT_WORD_BYTES = 8;
const MAX_RING_BYTES = 1 << 30;
const EPERM = 1;
const ENOMEM = 12;

/**
 * Does everything that needs privilege: loads the filter, opens a socket with its ring for each interface,
 * attaches the filter, and only then binds, so that no unfiltered packet slips in. Afterwards the process can
 * give up CAP_NET_RAW and CAP_BPF. Throws CaptureError.
 */
export function openCapture(options: CaptureOptions): OpenCapture {
  checkOptions(options);
  const ports = options.ports instanceof Uint8Array ? options.ports : portBitmap(options.ports);
  const opened: number[] = [];
  const filters: FilterHandle[] = [];
  const close = (): void => {
    for (const descriptor of opened.splice(0)) closeDescriptor(descriptor);
    for (const filter of filters.splice(0)) {
      closeDescriptor(filter.portsDescriptor);
      closeDescriptor(filter.settingsDescriptor);
    }
  };
  try {
    const rings = options.interfaces.map((name) => openRings(name, options, opened));
    let filter: Filter;
    if (workersOf(options) > 1) filter = shareInterfaces(rings, ports, options, opened, filters);
    else {
      const alone = rings.flat();
      filter = attachFilter(alone, ports, options, opened, filters);
      for (const ring of alone) bindToInterface(ring.descriptor, ring.interfaceName, ring.promiscuous);
    }
    const handles = Array.from({ length: workersOf(options) }, (_, worker) => ({
      rings: rings.map((ofInterface) => ofInterface[worker]!),
      looksAfterInterfaces: worker === 0,
      mediaPortsDescriptor: mediaPortsOf(worker, filter.mediaPortsDescriptor, opened),
      sharesMediaPorts: workersOf(options) > 1,
    }));
    return { handles, filters, close };
  } catch (error) {
    close();
    throw error instanceof CaptureError ? error : new CaptureError(messageOf(error), { cause: error });
  }
}

/** The descriptor for one of the workers: the first has the one there is, for each closes its own. */
function mediaPortsOf(worker: number, descriptor: number | undefined, opened: number[]): number | undefined {
  if (descriptor === undefined || worker === 0) return descriptor;
  const another = duplicateDescriptor(descriptor);
  opened.push(another);
  return another;
}

const NOT_OPEN = -1;
const workersOf = ({ sharing }: CaptureOptions): number => sharing?.workers ?? 1;

/** A ring whose socket may not have its filter yet, and so not all of its descriptors. */
type OpenRing = { -readonly [Field in keyof RingHandle]: RingHandle[Field] };

/** A socket with its ring for each worker, for one interface. */
function openRings(interfaceName: string, options: CaptureOptions, opened: number[]): OpenRing[] {
  const { promiscuous } = options;
  const workers = workersOf(options);
  const ringBytes = Math.max(MIN_BLOCKS, Math.ceil(options.ringBytes / workers / BLOCK_BYTES)) * BLOCK_BYTES;
  return Array.from({ length: workers }, () => {
    const descriptor = privileged('CAP_NET_RAW', openPacketSocket);
    opened.push(descriptor);
    prepareRing(descriptor, ringBytes);
    return {
      interfaceName,
      descriptor,
      ringBytes,
      promiscuous,
      programsDescriptor: NOT_OPEN,
      heardDescriptor: undefined,
    };
  });
}

/** Makes a fanout group of the sockets of each interface, with a filter of its own, which the first worker looks after. */
function shareInterfaces(
  rings: readonly (readonly OpenRing[])[],
  ports: Uint8Array,
  options: CaptureOptions,
  opened: number[],
  filters: FilterHandle[],
): Filter {
  if (!hasCapability('CAP_PERFMON') && !hasCapability('CAP_SYS_ADMIN')) {
    throw new CaptureError(
      'several workers need CAP_PERFMON beside CAP_NET_RAW and CAP_BPF: without it the kernel does not allow ' +
        'the loops of the program that spreads packets over them (systemd: AmbientCapabilities=CAP_PERFMON)',
    );
  }
  const fanout = privileged('CAP_BPF', () => loadFanout(options.sharing!.key));
  try {
    let filter: Filter | undefined;
    for (const ofInterface of rings) {
      filter = attachFilter(ofInterface, ports, options, opened, filters, filter?.mediaPortsDescriptor);
      ofInterface[0]!.heardDescriptor = filter.heardDescriptor;
      joinFanoutGroup(
        ofInterface.map(({ descriptor }) => descriptor),
        fanout,
      );
    }
    return filter!;
  } finally {
    fanout.close();
  }
}

function checkOptions(options: CaptureOptions): void {
  const { interfaces, ports, ringBytes, promiscuous } = options;
  const hasAny = interfaces.includes(ANY_INTERFACE);
  if (interfaces.length === 0) throw new CaptureError('name an interface to capture from');
  if (hasAny && interfaces.length > 1) {
    throw new CaptureError('the interface "any" stands for all: name no other beside it');
  }
  if (new Set(interfaces).size < interfaces.length) {
    throw new CaptureError('an interface is named twice: its packets would count twice');
  }
  if (hasAny && promiscuous) {
    throw new CaptureError('promiscuous mode is of one interface: name it instead of "any"');
  }
  if (ports instanceof Uint8Array && ports.byteLength !== PORT_BITMAP_BYTES) {
    throw new CaptureError(`a port bitmap has ${PORT_BITMAP_BYTES} bytes, not ${ports.byteLength}`);
  }
  if (!(ringBytes > 0 && ringBytes <= MAX_RING_BYTES)) {
    throw new CaptureError(`a ring has at most ${MAX_RING_BYTES} bytes, not ${ringBytes}`);
  }
}

/** struct tpacket_req3 of linux/if_packet.h. */
function prepareRing(descriptor: number, ringBytes: number): void {
  const request = new Uint32Array(7);
  request[0] = BLOCK_BYTES;
  request[1] = ringBytes / BLOCK_BYTES;
  request[2] = DEFAULT_FRAME_BYTES;
  request[3] = ringBytes / DEFAULT_FRAME_BYTES;
  request[4] = RETIRE_MILLIS;
  const version = Uint32Array.of(Packet.TPACKET_V3);
  setSocketOption(descriptor, Packet.SOL_PACKET, Packet.PACKET_VERSION, version, 'choose TPACKET_V3');
  const action = `allocate a ring of ${ringBytes} bytes`;
  try {
    setSocketOption(descriptor, Packet.SOL_PACKET, Packet.PACKET_RX_RING, request, action);
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== ENOMEM) throw error;
    throw new CaptureError(`the kernel has no ${ringBytes} bytes for a ring: choose a smaller one`, {
      cause: error,
    });
  }
}

/** Maps of a filter that are written later on. */
type Filter = {
  /** Where several workers share an interface. */
  readonly heardDescriptor: number | undefined;
  /** Where there is RTP. */
  readonly mediaPortsDescriptor: number | undefined;
};

/**
 * Loads the filter and attaches it to sockets. Those of several workers pass nothing before `HeardInterface` says so. The
 * filters of all interfaces have the map of media ports in common, `mediaPorts` of the first.
 */
function attachFilter(
  rings: readonly OpenRing[],
  ports: Uint8Array,
  options: CaptureOptions,
  opened: number[],
  filters: FilterHandle[],
  mediaPorts?: number,
): Filter {
  const isShared = workersOf(options) > 1;
  const given = new Map(mediaPorts === undefined ? [] : [[MEDIA_PORTS_MAP, mediaPorts]]);
  const object = parseBpfObject(readFileSync(OBJECT_FILE));
  const loaded = privileged('CAP_BPF', () => loadBpfObject(object, given));
  const take = (name: string): number => {
    const descriptor = loaded.takeMap(name);
    opened.push(descriptor);
    return descriptor;
  };
  try {
    const loopbackIndex = interfaceIndexByName(rings[0]!.descriptor, 'lo');
    const rtp = options.rtp === undefined ? RTP_OFF : RTP_SETTINGS[options.rtp];
    // The last number is the 0 that the verifier does not know.
    const settings = Uint32Array.of(options.detect ? 1 : 0, loopbackIndex, rtp, options.tunnels, 0);
    updateMap(loaded.map('settings'), new Uint8Array(4), new Uint8Array(settings.buffer));
    writePorts(loaded.map('port_bitmap'), ports);
    if (isShared) {
      const heard = Uint32Array.of(NO_INTERFACE);
      updateMap(loaded.map('heard_interface'), new Uint8Array(4), new Uint8Array(heard.buffer));
    }
    attachProgram(rings, loaded.program(PROGRAM_NAME), opened);
    for (const { descriptor, interfaceName } of rings) {
      // The filter would drop what lo sends, too; here the kernel does not even offer it.
      if (interfaceName !== 'lo') continue;
      const on = Uint32Array.of(1);
      setSocketOption(descriptor, Packet.SOL_PACKET, Packet.PACKET_IGNORE_OUTGOING, on, 'skip what lo sends');
    }
    filters.push({
      portsDescriptor: loaded.takeMap('port_bitmap'),
      settingsDescriptor: loaded.takeMap('settings'),
    });
    return {
      heardDescriptor: isShared ? take('heard_interface') : undefined,
      mediaPortsDescriptor: options.rtp && (mediaPorts ?? take(MEDIA_PORTS_MAP)),
    };
  } finally {
    // The sockets hold the program and the program its maps: all end with the last socket.
    loaded.close();
  }
}

/** Attaches to sockets what goes on in `program` (bpf/capture_entry.bpf.c), and gives each ring what has to stay open for it. */
function attachProgram(rings: readonly OpenRing[], program: number, opened: number[]): void {
  const entry = loadEntry(program);
  try {
    const attached = Int32Array.of(entry.program(ENTRY_NAME));
    for (const ring of rings) {
      ring.programsDescriptor = duplicateDescriptor(entry.map(PROGRAMS_MAP));
      opened.push(ring.programsDescriptor);
      const action = `attach the filter for ${ring.interfaceName}`;
      setSocketOption(ring.descriptor, Socket.SOL_SOCKET, Socket.SO_ATTACH_BPF, attached, action);
    }
  } finally {
    entry.close();
  }
}

/** Writes the words of a port bitmap, of 64 ports each, that are not 0 as they are in a new map. */
function writePorts(map: number, ports: Uint8Array): void {
  const key = new Uint32Array(1);
  for (let word = 0; word < PORT_BITMAP_BYTES / PORT_WORD_BYTES; word++) {
    const value = ports.slice(word * PORT_WORD_BYTES, (word + 1) * PORT_WORD_BYTES);
    if (value.every((byte) => byte === 0)) continue;
    key[0] = word;
    updateMap(map, new Uint8Array(key.buffer), value);
  }
}

/** Turns EPERM into a sentence that says which capability is missing and how to grant it. */
function privileged<Result>(capability: CapabilityName, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno !== EPERM) throw error;
    if (capability === 'CAP_BPF' && hasCapability(capability) && liftLockedMemoryLimit()) {
      return privileged(capability, open);
    }
    throw new CaptureError(missingPrivilege(capability), { cause: error });
  }
}

function missingPrivilege(capability: CapabilityName): string {
  if (hasCapability(capability)) {
    const limit =
      capability === 'CAP_BPF'
        ? '; before Linux 5.11 also at the limit of locked memory (systemd: LimitMEMLOCK=infinity)'
        : '';
    return `the kernel forbids what ${capability} should allow: look at seccomp, AppArmor or SELinux (or, in a container, at its security profile)${limit}`;
  }
  const purpose = capability === 'CAP_BPF' ? 'load the packet filter' : 'open a packet socket';
  return (
    `capturing packets needs ${capability} to ${purpose}: run as root, or grant CAP_NET_RAW and CAP_BPF ` +
    `(systemd: AmbientCapabilities=CAP_NET_RAW CAP_BPF; else: setcap cap_net_raw,cap_bpf=p ${process.execPath})`
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
