// All exchanges that the page knows, and those that the filters let through. Oldest first.

const MOST = 10000;

export class Store {
  constructor() {
    this.rows = [];
    this.shown = [];
    this.known = new Set();
    this.origins = new Map();
    this.filter = { text: "", path: "", origin: "", blocked: false };
  }

  /** Takes note of rows; returns how many new ones pass the filters. One that was open may end. */
  add(rows) {
    for (const row of rows) if (!row.open && this.known.has(row.id)) this.end(row);
    const fresh = rows.filter((row) => !this.known.has(row.id));
    for (const row of fresh) {
      this.known.add(row.id);
      this.rows.push(row);
      if (row.origin) this.origins.set(row.origin, (this.origins.get(row.origin) ?? 0) + 1);
    }
    const passing = fresh.filter((row) => this.passes(row));
    this.shown.push(...passing);
    this.forget();
    return passing.length;
  }

  end(row) {
    const open = this.rows.findLast((one) => one.id === row.id);
    if (open?.open) Object.assign(open, row, { text: undefined });
  }

  setFilter(filter) {
    this.filter = { ...filter, text: filter.text.toLowerCase() };
    this.shown = this.rows.filter((row) => this.passes(row));
  }

  clear() {
    // The ids stay known, so that a reconnection does not bring them back.
    this.rows = [];
    this.shown = [];
    this.origins.clear();
  }

  passes(row) {
    const { text, path, origin, blocked } = this.filter;
    if (blocked && !row.blocked && !row.failed) return false;
    if (origin && row.origin !== origin) return false;
    if (path && !row.target.includes(path)) return false;
    if (!text) return true;
    row.text ??= [row.id, row.ids, row.method, row.target, row.status, row.origin, row.words, row.reason, row.failure]
      .join(" ").toLowerCase();
    return row.text.includes(text);
  }

  forget() {
    const surplus = this.rows.length - MOST;
    if (surplus < 500) return;
    for (const row of this.rows.splice(0, surplus)) this.known.delete(row.id);
    const oldest = this.rows[0];
    const first = this.shown.findIndex((row) => row.time >= oldest.time);
    this.shown.splice(0, first < 0 ? this.shown.length : first);
  }
}
