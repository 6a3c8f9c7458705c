// SPDX-License-Identifier: Apache-2.0

/** The pseudo interface that stands for every interface there is or will be. */
export const ANY_INTERFACE = 'any';

/**
 * The kernel hands over whole blocks. Between RETIRE_MILLIS and this size, small is better: with little traffic
 * every block is retired nearly empty, so the ring holds only RETIRE_MILLIS times its number of blocks (2.5 s
 * for 64 MiB); large is better for hand-overs and must be more than the longest packet, 64 KiB.
 */
export const BLOCK_BYTES: number = 256 << 10;

/** The kernel hands over a block that is not full after this time. */
export const RETIRE_MILLIS = 10;

/** One open socket with its ring: plain values, which cross to a worker by structured clone. */
export type RingHandle = {
  readonly interfaceName: string;
  /** Descriptor of the AF_PACKET socket. */
  readonly descriptor: number;
  /** A multiple of BLOCK_BYTES. */
  readonly ringBytes: number;
  readonly promiscuous: boolean;
  /** Descriptor of the eBPF map that has the filter's program: nothing passes any more once nobody has it open. */
  readonly programsDescriptor: number;
  /**
   * Descriptor of the eBPF map that says which interface is heard, where several workers share it: its sockets are bound to
   * all. `undefined` where the socket is bound to the interface itself, and in the handles of workers that do not look
   * after interfaces.
   */
  readonly heardDescriptor: number | undefined;
};

/** Everything a worker's `LiveCapture` needs, opened with privilege by `openCapture`. */
export type CaptureHandles = {
  readonly rings: readonly RingHandle[];
  /** Whether this worker finds out what becomes of the interfaces: the first one. */
  readonly looksAfterInterfaces: boolean;
  /** Descriptor of the eBPF map with the ports of media that were learned, of all interfaces and workers; `undefined` without RTP. */
  readonly mediaPortsDescriptor: number | undefined;
  /** Whether other workers write there, too. */
  readonly sharesMediaPorts: boolean;
};

/** Descriptors of the maps of a filter that is attached, for a `LiveFilter`. */
export type FilterHandle = { readonly portsDescriptor: number; readonly settingsDescriptor: number };
