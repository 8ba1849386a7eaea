// What outlives a reload: the filters, in the address, and what was cleared, in this tab.

const CLEARED = "cleared";

/** Sets the filters as the address says. `offer(select, every, values)` adds a choice. */
export function fromAddress(form, offer) {
  for (const [name, value] of new URLSearchParams(location.search)) {
    const element = form.elements.namedItem(name);
    if (!element) continue;
    if (element.type === "checkbox") element.checked = true;
    else if (element.tagName === "SELECT" && ["origin", "method"].includes(name)) {
      offer(element, element.options[0].text, [value]);
      element.value = value;
    } else element.value = value;
    if (element.selectedIndex === -1) element.value = "";
  }
}

/** Writes the filters into the address, so that it can be kept and passed on. */
export function toAddress(form) {
  const set = [...new FormData(form)].filter(([, value]) => value);
  const query = new URLSearchParams(set).toString();
  history.replaceState(null, "", `${location.pathname}${query && `?${query}`}${location.hash}`);
}

/** Up to where the list was cleared: a place in the stream, which a reload does not change. */
export class Cleared {
  constructor() {
    [this.run = "", this.count = 0] = JSON.parse(sessionStorage.getItem(CLEARED) ?? "[]");
    this.last = [this.run, this.count];
  }

  get any() {
    return Boolean(this.run) && this.run === this.last[0];
  }

  /** Those of `rows` that came after it; `id` is the place of the last of them. */
  since(rows, id) {
    const [run, count] = id.split(".");
    this.last = [run, Number(count)];
    if (run !== this.run) return rows;
    const fresh = Number(count) - this.count;
    return fresh >= rows.length ? rows : rows.slice(rows.length - Math.max(0, fresh));
  }

  now() {
    [this.run, this.count] = this.last;
    sessionStorage.setItem(CLEARED, JSON.stringify(this.last));
  }

  forget() {
    sessionStorage.removeItem(CLEARED);
  }
}
