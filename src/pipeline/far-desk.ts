// SPDX-License-Identifier: Apache-2.0
import type { KeyedTable } from '../base/keyed-table.ts';
import type { Datagram } from '../decode/datagram.ts';
import { CallIds } from '../media/call-ids.ts';
import { StreamsHere } from '../media/joined-streams.ts';
import { SharedDirectory } from '../media/shared-directory.ts';
import { MAX_EXEMPLAR_ID_BYTES } from '../metrics/exemplars.ts';
import type { RtpStreams } from '../rtp/streams.ts';
import type { SipMessage } from '../sip/message.ts';
import type { CallKey } from '../state/call-key.ts';
import type { Sighting } from '../state/transactions.ts';
import type { Handover, MediaHandoverData } from './handover.ts';
import type { MediaDesk } from './media-desk.ts';
import { FarCallIds, MediaExemplars } from './media-exemplars.ts';
import { MediaHandover } from './media-handover.ts';
import { endLine, endSlot, endStream } from './media-handover-record.ts';
import type { MediaPipelineParts } from './media-pipeline-parts.ts';

/** The media of calls is another worker's: it is told everything, and what it has announced is looked at in its memory. */
export class FarDesk implements MediaDesk {
  readonly calls = undefined;
  readonly directory: SharedDirectory;
  readonly flows: MediaHandover;
  readonly exemplars: MediaExemplars | undefined;
  readonly tables: readonly (KeyedTable | undefined)[] = [undefined, undefined, undefined];

  #streams: RtpStreams | undefined;
  #streamsHere: StreamsHere | undefined;
  #generation = 0;

  constructor(
    { writer, analysis, clock, captureMetrics }: MediaPipelineParts,
    handover: Handover,
    media: MediaHandoverData,
  ) {
    const { memory } = media;
    this.directory = new SharedDirectory(memory, clock);
    this.flows = new MediaHandover(handover, media, clock, captureMetrics, this.directory.addresses);
    if (writer.mediaExemplars && memory.callIds) {
      const callIds = new CallIds(analysis.media.maxCalls, MAX_EXEMPLAR_ID_BYTES, memory.callIds);
      const lookup = new FarCallIds(callIds, this.directory);
      this.exemplars = new MediaExemplars(writer.mediaExemplars, lookup, clock);
    }
  }

  attach(streams: RtpStreams): void {
    this.#streams = streams;
    this.#streamsHere = new StreamsHere(streams);
  }

  message(
    _key: CallKey,
    _message: SipMessage,
    datagram: Datagram,
    sighting: Sighting,
    context: number,
  ): void {
    this.flows.message(datagram, sighting, context);
  }

  call(): void {
    // HEP is told where the calls are.
  }

  told(): void {
    // Nobody tells this worker.
  }

  order(view: DataView, at: number): void {
    this.#streamsHere?.endOfLine(endLine(view, at), endSlot(view, at), endStream(view, at));
  }

  /** Streams that nobody announced ask again when there is something new. */
  look(): void {
    const { directory } = this;
    const { generation } = directory;
    if (generation === this.#generation && !directory.isMissed) return;
    this.#generation = generation;
    directory.isMissed = false;
    this.#streams?.rejoin();
  }
}
