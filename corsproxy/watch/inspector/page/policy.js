// The policy as it is written, with line numbers; and the form that asks it questions.

import { get } from "./stream.js";
import { h, replace } from "./dom.js";
import { triedScene } from "./scene.js";

/** What the server knows of the policy, around one line; read anew each time it is shown. */
export async function readPolicy(line = 1) {
  return get(`/policy?line=${line}`);
}

/** Fills `place` with the policy's text; `cited` is the line to point at, or the flag that made it. */
export async function showPolicy(place, cited) {
  const policy = await readPolicy(Number(cited) || 1);
  const line = policy.flags[cited] ?? Number(cited);
  const routes = policy.routes.map((route) => h("li", h("code", `${route.host ?? ""}${route.path}`), " → ",
    h("code", route.upstream), h("span.muted", ` mode ${route.mode}`)));
  replace(place,
    h("h2", policy.source ?? (policy.read ? "The policy" : "The policy, from flags and variables")),
    h("p.muted", policy.read ? "As it was read; " : "As YAML, to be kept as a file; ",
      `the proxy listens on ${policy.listen.join(", ")}.`),
    h("ul.routes", routes, policy.more_routes > 0 && h("li.muted", `and ${policy.more_routes} more`)),
    policy.first > 1 && h("p.muted", `From line ${policy.first} on:`),
    h("ol.lines", policy.lines.map((text, index) => numbered(text, policy.first + index, line))),
    policy.cut && h("p.muted", "The file goes on."));
  place.querySelector(".pointed")?.scrollIntoView({ block: "center" });
}

function numbered(text, number, pointed) {
  return h("li", { id: `L${number}`, "data-number": number, class: number === pointed ? "pointed" : null }, h("code", text || " "));
}

/** Fills `place` with the form, and returns it. */
export async function showTry(place, actions) {
  if (place.firstChild) return;
  const policy = await readPolicy();
  const response = h("div", { "aria-live": "polite" });
  const form = h("form.try", { onsubmit: (event) => { event.preventDefault(); ask(form, response, actions); } },
    field("Origin of the page", h("input", { name: "origin", value: "http://localhost:5173", required: true, spellcheck: "false" })),
    field("Method", h("input", { name: "method", value: "PUT", list: "methods", required: true, spellcheck: "false" })),
    h("datalist", { id: "methods" }, ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map((method) => h("option", { value: method }))),
    field("Request headers, one a line", h("textarea", { name: "names", rows: 3, placeholder: "Content-Type: application/json", spellcheck: "false" })),
    policy.routes.length > 1 && field("Route", h("select", { name: "route" },
      policy.routes.map((route) => h("option", { value: route.path }, route.path)))),
    h("label.check", h("input", { type: "checkbox", name: "credentials" }), " credentials: 'include'"),
    h("button.strong", { type: "submit" }, "Try it"));
  replace(place, h("h2", "What would happen if a page called?"),
    h("p.muted", "No request is sent: the responses are the policy's own."), form, response);
}

function field(label, control) {
  return h("label.field", h("span", label), control);
}

async function ask(form, response, actions) {
  const given = new FormData(form);
  const asked = new URLSearchParams({
    origin: given.get("origin").trim(), method: given.get("method").trim(),
    credentials: given.get("credentials") ? "true" : "false", route: given.get("route") ?? "/",
  });
  for (const name of given.get("names").split("\n")) if (name.trim()) asked.append("name", name.trim());
  const reply = await fetch(`/explain?${asked}`);
  const told = await reply.json();
  replace(response, told.error
    ? h("div.card.refused", h("p.reason", told.error), told.fix && h("p.fix", h("b", "Fix "), told.fix))
    : triedScene(told, actions));
}
