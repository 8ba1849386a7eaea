// The list: ten thousand rows, of which only those in sight are elements. The newest is on top.

import { h, visible } from "./dom.js";

const HEIGHT = 32; // as in traffic.css
const BEYOND = 8;

export class List {
  /** `onSelect(row)` is called when the user chooses a row; `onOpen(row)` to go into it. */
  constructor(element, onSelect, onOpen) {
    this.element = element;
    this.onSelect = onSelect;
    this.onOpen = onOpen;
    this.rows = [];
    this.selected = null;
    this.filler = h("div.filler");
    this.window = h("div.window");
    this.filler.append(this.window);
    element.append(this.filler);
    element.addEventListener("scroll", () => this.later());
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.later()).observe(element);
  }

  /** Shows `rows`, oldest first; `added` of them are new, and what is read stays where it is. */
  show(rows, added = 0) {
    this.rows = rows;
    this.filler.style.height = `${rows.length * HEIGHT}px`;
    if (added && this.element.scrollTop > 0) this.element.scrollTop += added * HEIGHT;
    this.later();
  }

  select(id, { scroll = false } = {}) {
    this.selected = id;
    if (scroll) this.reveal();
    this.later();
  }

  at(place) {
    return this.rows[this.rows.length - 1 - place];
  }

  place() {
    const index = this.rows.findIndex((row) => row.id === this.selected);
    return index < 0 ? -1 : this.rows.length - 1 - index;
  }

  reveal() {
    const place = this.place();
    if (place < 0) return;
    const { scrollTop, clientHeight } = this.element;
    if (place * HEIGHT < scrollTop) this.element.scrollTop = place * HEIGHT;
    else if ((place + 1) * HEIGHT > scrollTop + clientHeight) {
      this.element.scrollTop = (place + 1) * HEIGHT - clientHeight;
    }
  }

  later() {
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      this.draw();
    });
  }

  draw() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / HEIGHT) - BEYOND);
    const last = Math.min(this.rows.length, Math.ceil((scrollTop + clientHeight) / HEIGHT) + BEYOND);
    const drawn = [];
    for (let place = first; place < last; place += 1) drawn.push(this.item(this.at(place), place));
    this.window.style.transform = `translateY(${first * HEIGHT}px)`;
    this.window.replaceChildren(...drawn);
    const active = this.place() >= first && this.place() < last;
    if (active) this.element.setAttribute("aria-activedescendant", `row-${this.selected}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  item(row, place) {
    const chosen = row.id === this.selected;
    return h(`div.row.${tone(row)}`, {
      id: `row-${row.id}`, role: "option", "data-id": row.id, "aria-selected": String(chosen),
      "aria-setsize": this.rows.length, "aria-posinset": place + 1,
    },
    h("span.verdict", word(row)), h("span.method", row.method),
    h("span.target", { title: visible(row.target) }, row.target),
    h("span.status", String(row.status || "—")), h("span.origin", row.origin || "—"),
    h("span.clock", clock(row.time)), h("span.ms", row.open ? "open" : row.ms < 10 ? row.ms.toFixed(1) : row.ms.toFixed(0)));
  }

  click(event) {
    const item = event.target.closest("[data-id]");
    const row = item && this.rows.find((one) => one.id === item.dataset.id);
    if (row) this.choose(row);
  }

  choose(row) {
    this.select(row.id, { scroll: true });
    this.onSelect(row);
  }

  /** Goes into the list, to the row on top. */
  first() {
    this.element.focus();
    if (this.rows.length) this.choose(this.at(0));
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / HEIGHT) - 1);
    const here = this.place();
    const steps = {
      ArrowDown: here + 1, ArrowUp: here - 1, j: here + 1, k: here - 1,
      PageDown: here + page, PageUp: here - page, Home: 0, End: this.rows.length - 1,
    };
    if (event.key === "Enter" && here >= 0) {
      event.preventDefault();
      this.onOpen(this.at(here));
    } else if (event.key in steps && this.rows.length && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.choose(this.at(Math.min(Math.max(steps[event.key], 0), this.rows.length - 1)));
    }
  }
}

/** The class by which a row is coloured. */
export function tone(row) {
  if (row.failed || row.status >= 500) return "failed";
  if (row.blocked) return "blocked";
  if (row.loses_cookie) return "failed";
  return row.verdict === "granted" ? "granted" : "plain";
}

/** The verdict in a word or two. */
export function word(row) {
  if (row.failed) return `${row.upstream ? "upstream" : "failed"}: ${row.failure}`;
  if (row.blocked && row.verdict !== "refused") return "blocked";
  if (row.loses_cookie) return `${row.words}, cookie lost`;
  return row.words;
}

export function clock(seconds) {
  const time = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
