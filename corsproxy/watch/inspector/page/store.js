// All exchanges that the page knows, and those that the filters let through. Oldest first.

import { parse } from "./query.js";

const MOST = 10000;

/** What the list can be sorted by; the greatest is on top. */
const KEYS = {
  oldest: (row) => -row.time,
  slowest: (row) => row.ms,
  largest: (row) => row.response_bytes,
  status: (row) => row.status,
};

export class Store {
  constructor() {
    this.rows = [];
    this.shown = [];
    this.known = new Set();
    this.origins = new Map();
    this.methods = new Set();
    this.setFilter({});
  }

  /** Takes note of rows; returns how many new ones pass the filters. One that was open may end. */
  add(rows) {
    const ended = rows.filter((row) => !row.open && this.known.has(row.id) && this.end(row));
    const fresh = rows.filter((row) => !this.known.has(row.id));
    for (const row of fresh) {
      this.known.add(row.id);
      this.rows.push(row);
      this.methods.add(row.method);
      if (row.origin) this.origins.set(row.origin, (this.origins.get(row.origin) ?? 0) + 1);
    }
    const passing = fresh.filter((row) => this.passes(row));
    this.shown.push(...passing);
    if (ended.length) this.shown = this.rows.filter((row) => this.passes(row));
    this.forget();
    return passing.length;
  }

  /** Whether the row was open until now. */
  end(row) {
    const open = this.rows.findLast((one) => one.id === row.id);
    if (!open?.open) return false;
    Object.assign(open, row, { text: undefined });
    return true;
  }

  /** The rows that are shown, the topmost last. */
  sorted() {
    const key = KEYS[this.filter.sort];
    return key ? this.shown.toSorted((one, other) => key(one) - key(other)) : this.shown;
  }

  setFilter(filter) {
    this.filter = filter;
    this.tests = [parse(filter.text ?? "")];
    for (const name of ["verdict", "status", "method"]) {
      if (filter[name]) this.tests.push(parse(`${name}:"${filter[name]}"`));
    }
    this.shown = this.rows.filter((row) => this.passes(row));
  }

  clear() {
    // The ids stay known, so that a reconnection does not bring them back.
    this.rows = [];
    this.shown = [];
    this.origins.clear();
    this.methods.clear();
  }

  passes(row) {
    const { path, origin, blocked } = this.filter;
    if (blocked && !row.blocked && !row.failed) return false;
    if (origin && row.origin !== origin) return false;
    if (path && !row.target.includes(path)) return false;
    return this.tests.every((test) => test(row));
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
