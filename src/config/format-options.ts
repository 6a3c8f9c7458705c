// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from './option-definition.ts';

/** Lines of help for options, wrapped at 100 columns. */
export function formatOptions(options: readonly OptionDefinition[]): string {
  const heads = options.map((option) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    const negated = option.value === undefined && option.default === 'on' ? '[no-]' : '';
    return `  ${short}--${negated}${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
  });
  const column = Math.max(...heads.map((head) => head.length)) + 2;
  return options
    .map((option, i) => {
      const repeat = option.repeatable ? ' May be repeated.' : '';
      const preset = option.default === undefined ? '' : ` (default ${option.default})`;
      const text = option.help + repeat + preset;
      return heads[i]!.padEnd(column) + wrap(text, 100 - column).join(`\n${' '.repeat(column)}`);
    })
    .join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
