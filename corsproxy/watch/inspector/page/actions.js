// What the page does beside showing: "allow this", and the HAR download.

import { get, sentence } from "./stream.js";
import { h, replace, toast } from "./dom.js";

const KINDS = { "+": "added", "-": "stripped", " ": "kept" };

const MADE = {
  write: "Written, and served by. Let the page try again.",
  run: "Allowed until the proxy is stopped. Let the page try again.",
};
const LABELS = { write: "Write it", run: "Allow for this run", save: "Save as policy.yaml" };

/** Shows the exact change of the policy, and makes it in the way that the user chooses. */
export async function dialogAllow(dialog, stream, told) {
  const path = `/allow/${encodeURIComponent(told.id)}`;
  try {
    const change = await get(path);
    if (change.why) {
      open(dialog, "This cannot be allowed by a click", [h("p", change.why)]);
      return;
    }
    const where = change.source
      ? h("p", "This is written to ", h("code", change.source), ", and the proxy serves by it.")
      : h("p", "The policy stands in no file. The change can hold for this run",
        change.ways.includes("save") && ["; or all of the policy is saved as ", h("code", "policy.yaml"), ", and the proxy serves by that"], ".");
    const make = (way) => async () => {
      const { served, next } = await (await stream.post(`${path}/${change.digest}?way=${way}`)).json();
      toast(served ? next || MADE[way] : "Written; the proxy has not taken it up: see its log.", !served);
    };
    const more = change.more_others > 0 ? ` and ${change.more_others} more` : "";
    open(dialog, "Allow this?", [
      where,
      change.others.length > 0 && h("p", "These routes inherit it, and allow it as well: ", h("code", change.others.join(", ")), `${more}.`),
      h("pre.diff", change.lines.map(([sign, text]) => h(`span.${KINDS[sign]}`, `${sign} ${text}`))),
    ], change.ways.map((way) => [LABELS[way], make(way)]));
  } catch (error) {
    toast(error.message, true);
  }
}

/** Downloads what is in memory; with secrets only if the user says so. */
export function downloadHar(dialog, stream) {
  const secrets = h("input", { type: "checkbox" });
  open(dialog, "Download as HAR", [
    h("p", "Everything that is in memory, for DevTools and other tools that read HTTP Archive 1.2."),
    h("label.check", secrets, " Include cookies, tokens and other secrets"),
  ], [["Download", async () => {
    await saved(secrets.checked ? await stream.post("/har") : await fetch("/har"), "corsproxy.har");
  }]]);
}

/** Downloads one exchange, its secrets masked. */
export function downloadOne(id) {
  return fetch(`/har/${encodeURIComponent(id)}`)
    .then((response) => saved(response, `corsproxy-${id}.har`))
    .catch((error) => toast(error.message, true));
}

async function saved(response, name) {
  if (!response.ok) throw new Error(await sentence(response));
  save(await response.blob(), name);
}

const KEYS = [
  ["/", "search"], ["Enter", "from the search to the first row; from a row into it"], ["j, ↓ and k, ↑", "next and previous row"],
  ["Page Down, Page Up, Home, End", "further, and to either end"], ["b", "blocked only"], ["Esc", "back to the list"], ["?", "this"],
];
const SEARCHES = [
  ["two words", "both occur: in path, origin, verdict, id or the name of a header"], ['"two words"', "just so"], ["-word", "does not occur"],
  ["status:404  status:5xx  status:>=400  status:none", "by status"], ["method:put  kind:preflight", "by method, by kind"],
  ["verdict:blocked", "granted, refused, unjudged, blocked, failed or open"], ["path:/api  origin:shop", "only there"],
  ["header:x-token", "a header of the request or the response is called so"], ["ms:>500", "slower than that"],
];

/** Shows what can be pressed, and what can be searched for. */
export function dialogKeys(dialog) {
  const table = (lines) => h("dl.keys", lines.map(([key, meaning]) => [h("dt", h("code", key)), h("dd", meaning)]));
  open(dialog, "Keys", [table(KEYS), h("h3", "Search"), table(SEARCHES)]);
}

function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Opens the dialog; `ways` are what can be done, each a label and what it does. */
function open(dialog, heading, parts, ways = []) {
  const close = () => dialog.close();
  const buttons = ways.map(([label, act]) =>
    h("button.strong", { type: "button", onclick: () => act().then(close, (error) => toast(error.message, true)) }, label));
  replace(dialog, h("h2", heading), parts, h("div.tools", buttons, h("button", { type: "button", onclick: close }, ways.length ? "Cancel" : "Close")));
  dialog.showModal();
}
