// What the page does beside showing: "allow this", and the HAR download.

import { get, sentence } from "./stream.js";
import { h, replace, toast } from "./dom.js";

const KINDS = { "+": "added", "-": "stripped", " ": "kept" };

/** Shows the exact change to the policy file, and writes it if the user says so. */
export async function dialogAllow(dialog, stream, told) {
  const path = `/allow/${encodeURIComponent(told.id)}`;
  try {
    const change = await get(path);
    if (change.why) {
      open(dialog, "This cannot be allowed by a click", [h("p", change.why)]);
      return;
    }
    open(dialog, "Allow this?", [
      h("p", "This is written to ", h("code", change.source), ", and the proxy serves by it."),
      h("pre.diff", change.lines.map(([sign, text]) => h(`span.${KINDS[sign]}`, `${sign} ${text}`))),
    ], ["Write it", async () => {
      const { served } = await (await stream.post(`${path}/${change.digest}`)).json();
      toast(served ? "Written, and served by. Let the page try again." : "Written; the proxy has not taken it up: see its log.", !served);
    }]);
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
  ], ["Download", async () => {
    const response = secrets.checked ? await stream.post("/har") : await fetch("/har");
    if (!response.ok) throw new Error(await sentence(response));
    save(await response.blob(), "corsproxy.har");
  }]);
}

function save(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function open(dialog, heading, parts, go) {
  const [label, act] = go || [];
  const close = () => dialog.close();
  const confirm = label && h("button.strong", { type: "button", onclick: () => act().then(close, (error) => toast(error.message, true)) }, label);
  replace(dialog, h("h2", heading), parts, h("div.tools", confirm, h("button", { type: "button", onclick: close }, label ? "Cancel" : "Close")));
  dialog.showModal();
}
