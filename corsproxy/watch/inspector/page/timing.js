// How long an exchange took, and how much it carried: a bar, and the same in words.

import { h } from "./dom.js";

/** The upstream's share of the time until the first byte of its response, then the content's. */
export function timing(told) {
  const wait = Math.min(told.wait_ms, told.ms);
  const bar = h("div.timing", { "aria-hidden": "true" }, part("wait", wait, told.ms), part("content", told.ms - wait, told.ms));
  const words = [
    wait ? `first byte from the upstream after ${milliseconds(wait)}` : "no response of an upstream",
    told.open ? `open since ${milliseconds(told.ms)}` : `the last byte left after ${milliseconds(told.ms)}`,
    `content: ${size(told.request_bytes)} in, ${size(told.response_bytes)} out`,
  ];
  return h("section.times", h("h3", "Time and size"), bar, h("p.muted", words.join(" · ")));
}

function part(kind, ms, total) {
  const element = h(`span.${kind}`);
  element.style.width = `${total ? (100 * ms) / total : 0}%`;
  return element;
}

function milliseconds(ms) {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function size(bytes) {
  if (bytes < 10000) return `${bytes} bytes`;
  return bytes < 10e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
