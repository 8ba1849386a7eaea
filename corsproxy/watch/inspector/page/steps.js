// One request of a scene: its checks, and its headers with what was added and taken out.

import { h } from "./dom.js";

const SIGNS = { added: "+", stripped: "−", kept: " " };

/** One request and its response; `told` is the exchange that the user looks at. */
export function request(name, step, told, actions) {
  if (!step) {
    return h("div.step.missing", h("h3", name), h("p.muted", name === "Preflight"
      ? "Not seen." : "No such request has come yet."));
  }
  const other = step.id !== told.id;
  return h("div.step",
    h("h3", name, h("span.status", `→ ${step.status || "no response"}`),
      other && h("a.small", { href: `#/traffic/${step.id}` }, step.id)),
    checks(step.checks, actions),
    message("Request", step.request, step.request.passed_on ? "as it left for the upstream" : "as it came"),
    message("Response", step.response, step.response.passed_on ? "as it left for the page" : origin(step)));
}

/** The checks, in the browser's order. */
export function checks(list, actions) {
  if (!list.length) return h("p.muted", "The policy does not judge this request.");
  return h("ul.checks", list.map((check) => h(`li.${check.passed ? "passed" : "refused"}`,
    h("span.sign", { "aria-hidden": "true" }, check.passed ? "✓" : "✗"),
    h("span", h("span.unseen", check.passed ? "passed: " : "refused: "), check.text,
      check.place && h("span.muted", " ", actions.place(check.place))))));
}

function origin(step) {
  return step.response.start ? "made by the proxy" : "none left";
}

function message(name, told, note) {
  return h("div.message", h("h4", `${name} `, h("span.muted", note)),
    told.start && h("p.start", told.start), headers(told.headers));
}

/** Field lines: kept, added by us, stripped by us. */
function headers(lines) {
  if (!lines.length) return null;
  return h("ul.headers", lines.map(([mark, name, value]) => h(`li.${mark}`,
    h("span.sign", { "aria-hidden": "true" }, SIGNS[mark]), mark !== "kept" && h("span.unseen", `${mark}: `),
    h("span", h("span.name", name), ": ", value))));
}
