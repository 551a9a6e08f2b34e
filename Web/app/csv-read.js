// Reads a small table that somebody filled in with a spreadsheet.

const SEPARATORS = [',', ';', '\t'];

/** The rows of a CSV text, each a list of cells; empty lines are left out. Quoted cells may hold anything. */
export function csvRows(text) {
  const plain = text.replace(/^\uFEFF/, '');
  const separator = likeliest(plain.split(/\r?\n/, 1)[0] ?? '');
  const rows = [];
  let row = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.some((one) => one.trim())) rows.push(row);
    row = [];
  };
  for (let index = 0; index < plain.length; index += 1) {
    const sign = plain[index];
    if (isQuoted && sign === '"' && plain[index + 1] === '"') {
      cell += '"';
      index += 1;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) cell += sign;
    else if (sign === separator) endCell();
    else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  endRow();
  return rows;
}

/** Spreadsheets write commas, semicolons or tabs, by the language they are set to. */
function likeliest(line) {
  const count = (separator) => line.split(separator).length;
  return SEPARATORS.reduce((best, one) => (count(one) > count(best) ? one : best));
}
