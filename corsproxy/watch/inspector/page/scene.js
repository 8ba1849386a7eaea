// The whole scene of one exchange: why, what a browser makes of it, both requests side by side.

import { copyButton, h, lines, replace } from "./dom.js";
import { showElsewhere } from "./elsewhere.js";
import { clock, tone, word } from "./list.js";
import { checks, request } from "./steps.js";
import { timing } from "./timing.js";

/** Fills `place` with an exchange's details. `actions`: close(), allow(told), har(told), place(text). */
export function showScene(place, told, actions) {
  const preflight = told.kind === "preflight" ? told : told.partner;
  const actual = told.kind === "preflight" ? told.partner : told;
  const elsewhere = h("section.elsewhere");
  replace(place,
    head(told, actions),
    why(told, actions),
    told.console && block("The console calls it", h("pre.console", lines(told.console))),
    patch(told, actions),
    outcome(told),
    h("section.steps",
      told.kind === "preflight" || preflight ? request("Preflight", preflight, told, actions) : null,
      request(preflight ? "Request" : title(told), actual, told, actions)),
    !preflight && told.kind === "actual" && h("p.muted",
      "No preflight was seen: none was due, or the browser had one in its cache."),
    notices(told),
    timing(told),
    elsewhere,
    snippets(told, actions));
  place.scrollTop = 0;
  showElsewhere(elsewhere, told);
}

/** Fills `place` with an apology. */
export function showProblem(place, sentence, actions) {
  replace(place, h("div.sceneHead", h("h2", "Not here"), closeButton(actions)), h("p", sentence));
}

function head(told, actions) {
  return h("header.sceneHead",
    h("div", h("p.kicker", h(`span.pill.${tone(told)}`, word(told)), told.id),
      h("h2", h("span.method", told.method), " ", told.target),
      h("p.muted", `${told.origin ? `from ${told.origin}` : "without Origin"} · `
        + `${told.status || "no response"} · ${told.ms} ms${told.wait_ms ? `, upstream ${told.wait_ms} ms` : ""} · `
        + `${clock(told.time)} · route ${told.route} · mode ${told.mode}`)),
    closeButton(actions));
}

function closeButton(actions) {
  return h("button.small", { type: "button", "aria-label": "Close the details", onclick: actions.close }, "Close");
}

function title(told) {
  return { websocket: "WebSocket", navigation: "Navigation" }[told.kind] ?? "Request";
}

/** Every reason for which something went wrong, each with its fix. */
function why(told, actions) {
  const failing = told.checks.filter((check) => !check.passed);
  const cards = failing.map((check) => card("refused", check, actions));
  if (!failing.length && told.blocked && told.outcome) {
    const seen = told.outcome.credentials_seen ? "include" : "omit";
    const stopped = told.outcome.blocked[seen] ?? told.outcome.blocked.include;
    if (stopped) cards.push(card("stopped", stopped, actions));
  }
  cards.push(...told.differences.map((difference) => card("stopped", difference, actions)));
  if (told.failure && told.detail) {
    const fix = told.fix && h("p.fix", h("b", "Fix"), ` ${told.fix}`);
    cards.push(h("div.card.failed", h("p.reason", told.detail), fix));
  }
  return cards.length ? h("section.why", cards) : null;
}

function card(kind, told, actions) {
  const names = [told.step, told.chrome && `Chrome: ${told.chrome}`, told.firefox && `Firefox: ${told.firefox}`,
    told.webkit && `WebKit: ${told.webkit}`];
  return h(`div.card.${kind}`,
    h("p.reason", told.text),
    told.holds && h("p.holds", told.holds),
    told.fix && h("p.fix", h("b", "Fix "), told.fix),
    told.place && h("p.muted", "Settled by ", actions.place(told.place)),
    h("p.names", names.filter(Boolean).join(" · ")));
}

function patch(told, actions) {
  if (!told.patch) return null;
  const allow = told.id && h("button.small.strong", { type: "button", onclick: () => actions.allow(told) }, "Allow this…");
  return block("The fix as YAML",
    h("div.code", h("pre", lines(told.patch)), h("div.tools", copyButton(told.patch), allow)));
}

/** What a browser does with the response, in both credentials modes. */
function outcome(told) {
  if (!told.outcome) return null;
  const { readable, blocked, credentials_seen: seen } = told.outcome;
  const goes = told.kind === "preflight" ? "goes on to the request" : "lets the page read it";
  const cell = (mode, words) => h(`div.mode.${readable[mode] ? "granted" : "blocked"}`,
    h("p", h("b", words), seen === true && mode === "include" && h("span.pill", "as it was sent")),
    h("p", readable[mode] ? `The browser ${goes}.` : `The browser stops: ${blocked[mode].text}.`),
    blocked[mode]?.holds && h("p.holds", blocked[mode].holds));
  return block("What a browser makes of it", h("div.modes",
    cell("omit", "Without credentials"), cell("include", "credentials: 'include'")));
}

function notices(told) {
  if (!told.notices.length) return null;
  return block("Also worth knowing", h("ul.notices", told.notices.map((notice) => h("li",
    h("p", notice.text), notice.holds && h("p.holds", notice.holds), h("p.fix", h("b", "Fix "), notice.fix)))));
}

function snippets(told, actions) {
  const piece = (name, text) => h("div.code", h("p.label", name), h("pre", lines(text)), h("div.tools", copyButton(text)));
  return block("Do it again", piece("curl", told.snippets.curl), piece("fetch", told.snippets.fetch),
    !told.open && h("button.small", { type: "button", onclick: () => actions.har(told) }, "HAR of this exchange"),
    h("p.muted", "Secrets are masked: put your own where *** stands."));
}

function block(heading, ...parts) {
  return h("section", h("h3", heading), ...parts);
}

/** The scene of a call that was only tried: the same shapes, from `corsproxy explain`. */
export function triedScene(told, actions) {
  const failing = told.reasons.map((reason) => card("refused", reason, actions));
  return h("div.tried",
    h(`p.verdict-sentence.${told.outcome}`, told.outcome === "readable"
      ? "Readable: the page gets to read the response." : "Blocked: the page sees only a network error."),
    h("p.muted", told.due),
    told.remarks.map((remark) => h("p.muted", remark)),
    h("section.why", failing),
    patch(told, actions),
    h("section.steps", triedStep("Preflight", told.preflight, actions), triedStep("Request", told.response, actions)),
    notices({ notices: told.warnings }));
}

function triedStep(name, step, actions) {
  if (!step) return null;
  const line = ([field, value]) => h("li", h("span.name", field), ": ", value);
  return h("div.step", h("h3", name, h("span.status", `${step.method} → ${step.status}`)), checks(step.checks, actions),
    h("h4", "It says"), h("ul.headers", step.request_headers.map(line)),
    h("h4", "The response says"), step.headers.length ? h("ul.headers", step.headers.map(line)) : h("p.muted", "No CORS header."),
    step.blocked && h("p.stop", `The browser stops: ${step.blocked.text}.`));
}
