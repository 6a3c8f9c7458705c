// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { goldenCaptures } from '../../test/golden/decode/cases.ts';
import { detectionCases, type FilterCase, filterPorts, portCases } from '../../test/kernel/filter-cases.ts';
import { ethernet } from '../../test/kernel/frames.ts';
import { kindCases, tunnelCases, tunnelDetectionCases } from '../../test/kernel/tunnel-cases.ts';
import { Frame, LinkType } from '../base/frame.ts';
import { Datagram } from './datagram.ts';
import { DecodeResult } from './decode-result.ts';
import { decodeFrame } from './frame-decoder.ts';
import { SipFilter } from './sip-filter.ts';
import { SipPorts } from './sip-ports.ts';
import { allTunnels } from './tunnel-kind.ts';

function frameOf(linkType: LinkType, bytes: readonly number[], protocol = 0): Frame {
  const frame = new Frame();
  // Something behind the frame that a read beyond its end would find.
  frame.bytes = Uint8Array.from([0xff, ...bytes, ...new Array(64).fill(0x13), 0xc4]);
  frame.offset = 1;
  frame.capturedLength = bytes.length;
  frame.originalLength = bytes.length;
  frame.linkType = linkType;
  frame.protocol = protocol;
  return frame;
}

const filters = [
  [
    'by port',
    new SipFilter(new SipPorts(filterPorts, false), allTunnels.kinds),
    [...portCases, ...tunnelCases],
  ],
  [
    'with detection',
    new SipFilter(new SipPorts(filterPorts, true), allTunnels.kinds),
    [...detectionCases, ...tunnelDetectionCases],
  ],
] as const;

for (const [name, filter, cases] of filters) {
  const judged = (frameOfCase: (one: FilterCase) => Frame): string[] =>
    cases.filter((one) => filter.wants(frameOfCase(one))).map(([caseName]) => caseName);
  const expected = cases.filter(([, passes]) => passes).map(([caseName]) => caseName);
  const untagged = ([, , type, , tags]: FilterCase): boolean =>
    tags === undefined && (type === 0x0800 || type === 0x86dd);

  test(`${name}: takes what the eBPF program takes (test/kernel/filter.test.ts)`, () => {
    const taken = judged(([, , etherType, packet, tags]) =>
      frameOf(LinkType.ethernet, [...ethernet(1, etherType, packet, tags)]),
    );
    assert.deepEqual(taken, expected);
  });

  test(`${name}: the same behind every other link header`, () => {
    const etherTypeBytes = (type: number): number[] => [type >> 8, type & 0xff];
    const headers: readonly (readonly [LinkType, (type: number) => number[]])[] = [
      [LinkType.network, () => []],
      [LinkType.rawIp, () => []],
      [LinkType.linuxCooked, (type) => [...new Array(14).fill(0), ...etherTypeBytes(type)]],
      [LinkType.linuxCooked2, (type) => [...etherTypeBytes(type), ...new Array(18).fill(0)]],
      [LinkType.loopback, (type) => [0, 0, 0, type === 0x0800 ? 2 : 30]],
      [LinkType.loopback, (type) => [type === 0x0800 ? 2 : 24, 0, 0, 0]],
    ];
    for (const [linkType, header] of headers) {
      for (const one of cases.filter(untagged)) {
        const [caseName, passes, type, packet] = one;
        // Raw IP has no type that the version could contradict.
        const frame = frameOf(linkType, [...header(type), ...packet], type);
        assert.equal(filter.wants(frame), passes, `${caseName}, link type ${linkType}`);
      }
    }
  });

  test(`${name}: a frame cut anywhere is taken for what is there`, () => {
    for (const [caseName, passes, etherType, packet, tags] of cases) {
      const bytes = [...ethernet(1, etherType, packet, tags)];
      let wasTaken = false;
      for (let length = 0; length <= bytes.length; length++) {
        const isTaken = filter.wants(frameOf(LinkType.ethernet, bytes.slice(0, length)));
        assert.ok(isTaken || !wasTaken, `${caseName}: taken at a length below ${length}`);
        wasTaken = isTaken;
      }
      assert.equal(wasTaken, passes, caseName);
    }
  });
}

test('what is decoded with a port of the list, or is a fragment, is taken', () => {
  const filter = new SipFilter(new SipPorts([5060], false), allTunnels.kinds);
  const datagram = new Datagram();
  let taken = 0;
  for (const { file, cases } of goldenCaptures.filter(({ linktype }) => linktype === 1)) {
    for (const { name, bytes } of cases) {
      const frame = frameOf(LinkType.ethernet, [...bytes]);
      const result = decodeFrame(frame, datagram);
      const hasPort = datagram.sourcePort === 5060 || datagram.destinationPort === 5060;
      if (result !== DecodeResult.fragment && !(result === DecodeResult.datagram && hasPort)) continue;
      taken++;
      assert.ok(filter.wants(frame), `${file}: ${name}`);
    }
  }
  assert.ok(taken > 20, `${taken}`);
});

test('a tunnel is looked into if, and only if, its kind is enabled', () => {
  for (const [kindBit, [name, , etherType, packet]] of kindCases) {
    const frame = frameOf(LinkType.ethernet, [...ethernet(1, etherType, packet)]);
    const takes = (kinds: number): boolean =>
      new SipFilter(new SipPorts(filterPorts, false), kinds).wants(frame);
    assert.deepEqual(
      [takes(kindBit), takes(allTunnels.kinds & ~kindBit), takes(0)],
      [true, false, false],
      name,
    );
  }
});
