// Tables from spreadsheets and for them: CSV as RFC 4180 has it, and as spreadsheets write it.

import { STEERING } from './bytes.js';

/** Rows of a CSV text with the lines where they begin: commas, semicolons or tabs, quotes as RFC 4180 has them. */
export function rowsOf(content) {
  const head = content.replace(/^\ufeff/, '');
  const first = head.split('\n', 1)[0];
  const separator = ['\t', ';', ','].find((one) => first.includes(one)) ?? ',';
  const rows = [];
  let [cells, cell, quoted, line, begun] = [[], '', false, 1, 1];
  const endRow = () => {
    cells.push(cell);
    if (cells.some((value) => value.trim() !== '')) rows.push({ line: begun, cells });
    [cells, cell] = [[], ''];
  };
  for (let i = 0; i < head.length; i++) {
    const letter = head[i];
    if (letter === '\n') line += 1;
    if (quoted) {
      if (letter === '"' && head[i + 1] === '"') { cell += '"'; i += 1; }
      else if (letter === '"') quoted = false;
      else cell += letter;
    } else if (letter === '"' && cell.trim() === '') { quoted = true; cell = ''; }
    else if (letter === separator) { cells.push(cell); cell = ''; }
    else if (letter === '\n') { endRow(); begun = line; }
    else if (letter !== '\r') cell += letter;
  }
  endRow();
  return rows;
}

/** A line of values, each quoted. What begins like a formula gets an apostrophe in front (OWASP, "CSV Injection"). */
export function csvLine(values) {
  const quoted = values.map((value) => {
    const text = `${value ?? ''}`.replace(STEERING, ' ');
    return `"${/^\s*[=+\-@＝＋－＠]/.test(text) ? "'" : ''}${text.replaceAll('"', '""')}"`;
  });
  return `${quoted.join(',')}\r\n`;
}
