// A table of what is on the screen as CSV, where the list comes whole and has no other pages.

/** Spreadsheets would run what begins like a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell: numbers as they are, texts quoted and never a formula. */
function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = String(value);
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

/** The text of a CSV file: a line of names, then `rows`, each a list of values. */
export const csvText = (names, rows) =>
  [names, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
