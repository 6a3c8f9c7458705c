// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { filterPorts } from '../../test/kernel/filter-cases.ts';
import { ethernet } from '../../test/kernel/frames.ts';
import { detectedCases, learn, learnedCases } from '../../test/kernel/media-cases.ts';
import { lendBytes } from '../../test/support/lend-frame.ts';
import { Frame } from '../base/frame.ts';
import { PortCounts } from '../base/port-counts.ts';
import { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeFrame } from './frame-decoder.ts';
import { MediaKind, RtpPorts, rtpSnapshotLength } from './rtp-ports.ts';
import { SipFilter } from './sip-filter.ts';
import { SipPorts } from './sip-ports.ts';
import { allTunnels } from './tunnel-kind.ts';

const learned = new PortCounts();
learn(learned);

for (const [name, cases, isDetecting] of [
  ['learned', learnedCases, false],
  ['detected', detectedCases, true],
] as const) {
  const rtpPorts = new RtpPorts(learned, isDetecting);

  test(`${name}: takes what the eBPF program takes (test/kernel/media.test.ts)`, () => {
    const filter = new SipFilter(new SipPorts(filterPorts, false), allTunnels.kinds, rtpPorts);
    const frame = new Frame();
    const taken = cases.filter(([, , etherType, packet, tags]) => {
      lendBytes(frame, ethernet(1, etherType, packet, tags));
      return filter.wants(frame);
    });
    assert.deepEqual(
      taken.map(([caseName]) => caseName),
      cases.filter(([, passes]) => passes !== 'nothing').map(([caseName]) => caseName),
    );
  });

  test(`${name}: a snapshot is decoded as the beginning of what was on the wire`, () => {
    let snapshots = 0;
    for (const [caseName, passes, etherType, packet, tags] of cases) {
      const frame = new Frame();
      const datagram = new Datagram();
      lendBytes(frame, ethernet(1, etherType, packet, tags));
      if (decodeFrame(frame, datagram) !== DecodeResult.datagram) continue;
      const kind = rtpPorts.kindOf(datagram);
      if (passes === 'nothing') assert.equal(kind, MediaKind.none, caseName);
      if (passes !== 'snapshot') continue;
      assert.equal(kind, MediaKind.rtp, caseName);
      assert.equal(rtpPorts.isSnapshot(datagram), datagram.payloadLength >= rtpSnapshotLength, caseName);
      const wireLength = datagram.payloadLength;
      if (wireLength <= rtpSnapshotLength) continue;
      frame.capturedLength = datagram.payloadOffset + rtpSnapshotLength;
      assert.equal(decodeFrame(frame, datagram), DecodeResult.datagramHead, caseName);
      assert.deepEqual(
        [datagram.payloadLength, datagram.wirePayloadLength],
        [rtpSnapshotLength, wireLength],
        caseName,
      );
      assert.equal(rtpPorts.kindOf(datagram), MediaKind.rtp, caseName);
      assert.ok(rtpPorts.isSnapshot(datagram), caseName);
      frame.capturedLength--;
      assert.equal(decodeFrame(frame, datagram), DecodeResult.datagramHead, caseName);
      assert.equal(rtpPorts.isSnapshot(datagram), false, `${caseName}: the sensor cut more`);
      snapshots++;
    }
    assert.ok(snapshots > 25, `${snapshots}`);
  });
}
