// What ties the page together: views by the address's fragment, filters, live rows, keys.

import { dialogAllow, dialogKeys, downloadHar, downloadOne } from "./actions.js";
import { h, replace, toast, visible } from "./dom.js";
import { List } from "./list.js";
import { Cleared, fromAddress, toAddress } from "./memory.js";
import { readPolicy, showPolicy, showTry } from "./policy.js";
import { showProblem, showScene } from "./scene.js";
import { Store } from "./store.js";
import { get, Stream } from "./stream.js";

const $ = (id) => document.getElementById(id);
const store = new Store();
const list = new List($("list"), (row) => go(`#/traffic/${row.id}`), () => $("detail").focus());
const filters = $("filters");
const cleared = new Cleared();
let waiting = [];
let missed = 0;
let state = "connecting";

const stream = new Stream((rows, lost, id) => {
  missed += lost;
  waiting.push(...cleared.since(rows, id));
  if ($("pause").getAttribute("aria-pressed") === "false") takeRows();
  else count();
}, (now) => {
  state = now;
  const words = { live: "live", connecting: "connecting", lost: "disconnected, trying again" };
  $("state").className = `state ${now}`;
  $("state").textContent = words[now];
  if (now === "live") describe();
  empty();
});

const actions = {
  close: () => { go("#/traffic"); $("list").focus(); },
  allow: (told) => dialogAllow($("dialog"), stream, told),
  har: (told) => downloadOne(told.id),
  place: (text) => {
    const line = /:(\d+):\d+$/.exec(text)?.[1] ?? /^(--[a-z-]+|CORSPROXY_[A-Z_]+)$/.exec(text)?.[1];
    return line ? h("a.place", { href: `#/policy/${line}` }, text) : h("span.place", text);
  },
};

function takeRows() {
  const added = store.add(waiting);
  waiting = [];
  list.show(store.sorted(), store.filter.sort ? 0 : added);
  refreshChoices();
  count();
  empty();
}

function refreshChoices() {
  choices(filters.elements.origin, "Every origin", store.origins.keys());
  choices(filters.elements.method, "Every method", store.methods);
}

/** Offers `values`; the one that is chosen stays, though no row has it yet. */
function choices(select, every, values) {
  const chosen = select.value;
  const offered = [...new Set([...[...values].slice(0, 100), ...(chosen ? [chosen] : [])])].sort();
  if (select.options.length - 1 === offered.length) return;
  replace(select, h("option", { value: "" }, every), offered.map((value) => h("option", { value }, value)));
  select.value = chosen;
}

function filter() {
  toAddress(filters);
  store.setFilter(Object.fromEntries(new FormData(filters)));
  $("list").scrollTop = 0;
  list.show(store.sorted());
  count();
  empty();
}

function count() {
  const total = store.rows.length;
  const parts = [store.shown.length === total ? `${total}` : `${store.shown.length} of ${total}`];
  if (waiting.length) parts.push(`${waiting.length} waiting`);
  if (missed) parts.push(`${missed} not listed: too many at once`);
  $("count").textContent = parts.join(" · ");
}

/** Says why there is nothing to see, and what to do. */
function empty() {
  const none = store.shown.length === 0;
  $("empty").hidden = !none;
  if (!none) return;
  if (store.rows.length) {
    replace($("empty"), h("p", "No exchange passes the filters."), h("button", { type: "button", onclick: reset }, "Show all"));
  } else if (cleared.any) {
    replace($("empty"), h("p", "Cleared. New requests are shown as they come."),
      h("button", { type: "button", onclick: () => { cleared.forget(); location.reload(); } }, "Bring all back"));
  } else if (state === "lost") {
    replace($("empty"), h("p", "The proxy does not answer."), h("p.muted", "This page connects by itself once it runs again."));
  } else {
    replace($("empty"), h("p", "No request has come yet."), h("p.muted", "Point your page at ", h("code", listening || "the proxy"), "."));
  }
}

function reset() {
  filters.reset();
  filter();
}

let listening = "";
async function describe() {
  const policy = await readPolicy().catch(() => null);
  if (!policy) return;
  listening = policy.listen.join(" or ");
  const main = policy.routes.at(-1);
  $("way").textContent = visible(`${policy.listen.join(", ")} → ${main ? main.upstream : ""}`);
  empty();
}

function go(fragment) {
  if (location.hash === fragment) route();
  else location.hash = fragment;
}

async function route() {
  const [, view = "traffic", what] = location.hash.split("/");
  const known = ["traffic", "policy", "try"].includes(view) ? view : "traffic";
  for (const section of document.querySelectorAll(".view")) section.hidden = section.id !== known;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === known) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    if (known === "traffic") await showExchange(what);
    else if (known === "policy") await showPolicy($("policy"), what);
    else await showTry($("try"), actions);
  } catch (error) {
    toast(`The proxy does not answer: ${error.message}`, true);
  }
}

async function showExchange(id) {
  list.select(id ?? null, { scroll: Boolean(id) });
  $("traffic").classList.toggle("open", Boolean(id));
  $("detail").hidden = !id;
  if (!id) return;
  try {
    const told = await get(`/exchanges/${encodeURIComponent(id)}`);
    if (location.hash === `#/traffic/${id}`) showScene($("detail"), told, actions);
  } catch (error) {
    showProblem($("detail"), error.message, actions);
  }
}

function keys(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (event.key === "Enter" && event.target.closest("#filters input")) {
    event.preventDefault();
    list.first();
    return;
  }
  if (event.key === "Escape" && !event.target.closest("dialog")) {
    if (typing) event.target.blur();
    if (location.hash.startsWith("#/traffic/") || typing) actions.close();
  } else if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (event.key === "/") {
      event.preventDefault();
      filters.elements.text.focus();
    } else if (event.key === "b") {
      filters.elements.blocked.click();
    } else if (event.key === "?") {
      dialogKeys($("dialog"));
    }
  }
}

filters.addEventListener("input", filter);
filters.addEventListener("submit", (event) => event.preventDefault());
$("help").addEventListener("click", () => dialogKeys($("dialog")));
$("pause").addEventListener("click", () => {
  const paused = $("pause").getAttribute("aria-pressed") === "false";
  $("pause").setAttribute("aria-pressed", String(paused));
  $("pause").textContent = paused ? "Go on" : "Pause";
  if (!paused) takeRows();
});
$("clear").addEventListener("click", () => {
  cleared.now();
  store.clear();
  waiting = [];
  missed = 0;
  filter();
  refreshChoices();
});
$("har").addEventListener("click", () => downloadHar($("dialog"), stream));
addEventListener("hashchange", route);
addEventListener("keydown", keys);
fromAddress(filters, choices);
filter();
route();
