// SPDX-License-Identifier: Apache-2.0

/** Where scripts/install-test-tools.sh puts programs that Debian 12 has too old with a library they need, and kernels. */
export const toolsFolder = '/opt/ringtap-test-tools';

/** The words that run one of them. */
export function newerTool(name: 'prometheus' | 'victoria-metrics'): readonly string[] {
  return ['env', `LD_LIBRARY_PATH=${toolsFolder}`, `${toolsFolder}/${name}`];
}
