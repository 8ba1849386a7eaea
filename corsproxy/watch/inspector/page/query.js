// The language of the search: words that must all occur, `-` before one that must not, and
// `name:value` for one property. What is in quotes is one word.

const TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi;
const STATUS = /^(>=|<=|>|<)?(\d{1,3})$/;

/** What can stand before a colon; anything else is a word with a colon in it. */
const PROPERTIES = {
  status: (value) => statusTest(value),
  method: (value) => (row) => row.method.toLowerCase() === value,
  verdict: (value) => (row) => verdictTest(row, value),
  origin: (value) => (row) => row.origin.toLowerCase().includes(value),
  path: (value) => (row) => pathsOf(row).includes(value),
  kind: (value) => (row) => row.kind === value,
  header: (value) => (row) => row.names.some((name) => name.includes(value)),
  ms: (value) => numberTest(value, (row) => row.ms),
};

/** A test of rows, made of what was typed. */
export function parse(text) {
  const tests = [];
  for (const [whole, minus, name, quoted, bare] of text.matchAll(TERM)) {
    const test = term(whole.slice(minus.length), name?.toLowerCase(), (quoted ?? bare).toLowerCase());
    tests.push(minus ? (row) => !test(row) : test);
  }
  return (row) => tests.every((test) => test(row));
}

function term(whole, name, value) {
  if (name && Object.hasOwn(PROPERTIES, name) && value) return PROPERTIES[name](value);
  const word = name ? whole.replaceAll('"', "").toLowerCase() : value;
  return (row) => textOf(row).includes(word);
}

/** `404`, `4xx`, `>=400`, or `none` where no status was sent. */
function statusTest(value) {
  if (value === "none") return (row) => !row.status;
  if (/^[1-5]xx$/.test(value)) return (row) => Math.floor(row.status / 100) === Number(value[0]);
  if (STATUS.test(value)) return numberTest(value, (row) => row.status);
  return () => false;
}

function numberTest(value, read) {
  const [, sign = "", digits] = /^(>=|<=|>|<)?(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  if (digits === undefined) return () => false;
  const limit = Number(digits);
  const tests = { "": (n) => n === limit, ">": (n) => n > limit, "<": (n) => n < limit,
    ">=": (n) => n >= limit, "<=": (n) => n <= limit };
  return (row) => tests[sign](read(row));
}

function verdictTest(row, value) {
  if (value === "blocked") return row.blocked;
  if (value === "failed") return row.failed || row.status >= 500;
  if (value === "open") return row.open;
  return row.verdict === value;
}

/** The target as it came and as a person reads it: `%20` is a space, and `%C3%A9` an é. */
function pathsOf(row) {
  return (row.paths ??= `${row.target} ${decoded(row.target)}`.toLowerCase());
}

function decoded(target) {
  try {
    return decodeURIComponent(target);
  } catch {
    return target; // percent signs that encode nothing
  }
}

function textOf(row) {
  return (row.text ??= [row.id, row.ids, row.method, pathsOf(row), row.status, row.origin, row.words, row.reason, row.failure,
    ...row.names].join(" ").toLowerCase());
}
