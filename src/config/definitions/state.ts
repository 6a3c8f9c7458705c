// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** Limits of what is kept of calls and registrations. */
export const stateOptions: readonly OptionDefinition[] = [
  {
    name: 'state.max-transactions',
    value: 'N',
    default: '131072',
    help: 'Transactions kept, to tell retransmissions and timeouts.',
  },
  {
    name: 'state.max-attempts',
    value: 'N',
    default: '131072',
    help: 'Session attempts kept, finished ones included.',
  },
  { name: 'state.max-dialogs', value: 'N', default: '131072', help: 'Dialogs kept.' },
  {
    name: 'state.max-early-dialogs',
    value: 'N',
    default: '32',
    help: 'Early dialogs of one attempt: branches of a fork that ring.',
  },
  {
    name: 'state.max-registration-attempts',
    value: 'N',
    default: '32768',
    help: 'Registration attempts kept while under way.',
  },
  {
    name: 'state.max-registrations',
    value: 'N',
    default: '131072',
    help: 'Addresses-of-record with bindings kept.',
  },
  {
    name: 'state.max-bindings',
    value: 'N',
    default: '10',
    help: 'Contact bindings kept of one address-of-record, 1 to 100.',
  },
  {
    name: 'state.session-limit',
    value: 'DURATION',
    default: '24h',
    help: 'A dialog without any sign of life is forgotten after this time.',
  },
  {
    name: 'state.registration-limit',
    value: 'DURATION',
    default: '2h',
    help: 'A binding is kept no longer than this, whatever its expiry says.',
  },
];
