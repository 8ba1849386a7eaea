// What other gateways would make of a call: those that differ first, all of them in a table.

import { h, replace } from "./dom.js";
import { get } from "./stream.js";

/** Fills `place`, once it is known; it stays empty for what is no CORS request. */
export async function showElsewhere(place, told) {
  const found = await get(`/exchanges/${encodeURIComponent(told.id)}/elsewhere`).catch(() => null);
  if (!found || !found.gateways.length) return;
  const other = { readable: "blocked", blocked: "readable" }[found.here];
  const differing = found.gateways.filter((one) => one.outcome === other).map((one) => one.gateway);
  const sentence = differing.length
    ? `${other === "blocked" ? "Blocked" : "Readable"} elsewhere: ${differing.join(", ")}.`
    : `${found.here === "readable" ? "Readable" : "Blocked"} at every gateway, given this policy.`;
  replace(place, h("h3", "Elsewhere"), h(`p.${differing.length ? "differs" : "muted"}`, sentence),
    h("details", h("summary", "What each gateway does"), table(found.gateways)));
}

function table(gateways) {
  const head = ["Gateway", "Preflight", "Request", "The page"].map((title) => h("th", { scope: "col" }, title));
  const row = (one) => h("tr", h("th", { scope: "row" }, one.gateway),
    h("td", one.preflight), h("td", one.request), h(`td.${one.outcome}`, cell(one)));
  const documented = gateways.some((one) => one.known === "documented");
  return [h("div.wide", h("table", h("thead", h("tr", head)), h("tbody", gateways.map(row)))),
    documented && h("p.muted", "* from the gateway's documentation; nobody could run it")];
}

function cell(one) {
  const mark = one.known === "documented" ? " *" : "";
  return one.outcome === "readable" ? `readable${mark}` : `blocked: ${one.reasons[0].text}${mark}`;
}
