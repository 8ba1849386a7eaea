// Elements out of text. Nothing here reads HTML: whatever came over the network stays text.

const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** `text` with what would be invisible, or would turn the line around, written as an escape. */
export function visible(text) {
  return String(text).replace(CONTROL, (character) => {
    const code = character.codePointAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** An element: h("p.note", {id: "a"}, "text", child, [more]). Strings become text nodes of one line. */
export function h(kind, ...parts) {
  const [name, ...classes] = kind.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  if (parts.length && isProperties(parts[0])) assign(element, parts.shift());
  element.append(...children(parts));
  return element;
}

/** A text of our own making that has several lines, such as a patch. */
export function lines(text) {
  return document.createTextNode(text.trimEnd().split("\n").map(visible).join("\n"));
}

export function replace(element, ...parts) {
  element.replaceChildren(...children(parts));
}

/** A button that puts `text` on the clipboard, and says so. */
export function copyButton(text, label = "Copy") {
  const button = h("button.small", { type: "button" }, label);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text).then(
      () => { button.textContent = "Copied"; },
      () => { button.textContent = "Select and copy"; },
    );
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}

let fading;
/** A short message at the foot of the page. */
export function toast(text, bad = false) {
  const place = document.getElementById("toast");
  place.textContent = visible(text);
  place.className = bad ? "shown bad" : "shown";
  clearTimeout(fading);
  fading = setTimeout(() => { place.className = ""; }, bad ? 8000 : 3000);
}

function isProperties(part) {
  return part !== null && typeof part === "object" && !(part instanceof Node) && !Array.isArray(part);
}

function assign(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
}

function children(parts) {
  return parts.flat(Infinity)
    .filter((part) => part !== null && part !== undefined && part !== false)
    .map((part) => (part instanceof Node ? part : document.createTextNode(visible(part))));
}
