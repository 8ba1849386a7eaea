// The demo's page: each scene is called directly and through the proxy; both responses are shown.
// Values from the network go into the page as text only.

const ways = {
  direct: { name: "directly", why: "Why" },
  through: { name: "through the proxy", why: "What the proxy explained" },
};
let calls = 0;

const [settings, scenes] = await Promise.all(
  ["settings.json", "scenes.json"].map((file) => fetch(file).then((response) => response.json())),
);
// The page works under each name of this machine: it calls the others by the name it was called by.
const origin = (port) => `${location.protocol}//${location.hostname}:${port}`;
const bases = { direct: origin(settings.backend), through: origin(settings.proxy) };

start();

function start() {
  document.querySelector("#page-url").textContent = location.origin;
  document.querySelector("#backend-url").textContent = bases.direct;
  document.querySelector("#proxy-url").textContent = bases.through;
  document.querySelector("#inspector").href = origin(settings.inspector);
  document.querySelector("#policy").textContent = settings.policy;
  const runs = scenes.map(showScene);
  const all = document.querySelector("#run-all");
  all.addEventListener("click", async () => {
    all.disabled = true;
    for (const run of runs) await run();
    all.disabled = false;
    all.focus({ preventScroll: true });
  });
}

// One card; gives back the function that plays the scene both ways.
function showScene(scene) {
  const card = document.querySelector("#scene").content.cloneNode(true).firstElementChild;
  card.id = scene.id;
  card.querySelector("h2").textContent = scene.title;
  card.querySelector(".call").textContent = callText(scene);
  card.querySelector(".about").textContent = scene.about;
  const results = card.querySelector(".results");
  for (const way of Object.keys(ways)) results.append(showResult(way));
  for (const way of Object.keys(ways)) {
    card.querySelector(`button.${way}`).addEventListener("click", () => play(scene, way, card));
  }
  document.querySelector("#scenes").append(card);
  return () => Promise.all(Object.keys(ways).map((way) => play(scene, way, card)));
}

function callText(scene) {
  const names = Object.keys(scene.headers ?? {}).join(", ");
  const extras = [names, scene.credentials ? "credentials" : "", scene.sandbox ? "origin null" : ""];
  return [`${scene.method} ${scene.path}`, ...extras.filter(Boolean)].join(" · ");
}

function showResult(way) {
  const panel = document.querySelector("#result").content.cloneNode(true).firstElementChild;
  panel.classList.add(way, "idle");
  panel.querySelector(".way").textContent = ways[way].name;
  panel.querySelector(".why h4").textContent = ways[way].why;
  return panel;
}

async function play(scene, way, card) {
  const button = card.querySelector(`button.${way}`);
  if (button.ariaBusy === "true") return; // not disabled: it would lose the keyboard's focus
  button.ariaBusy = "true";
  await show(scene, way, card.querySelector(`.result.${way}`));
  button.ariaBusy = "false";
  tally();
}

async function show(scene, way, panel) {
  panel.classList.remove("idle", "readable", "blocked");
  panel.classList.add("waiting");
  panel.querySelector(".outcome").textContent = "calling";
  const call = `${Date.now().toString(36)}-${(calls += 1)}`;
  const started = performance.now();
  const result = await caller(scene)(scene, `${bases[way]}${scene.path}?call=${call}`, panel);
  result.took = Math.round(performance.now() - started);
  panel.classList.replace("waiting", result.readable ? "readable" : "blocked");
  panel.querySelector(".outcome").textContent = result.readable ? `readable · ${result.status}` : "blocked";
  panel.querySelector(".seen").textContent = seen(scene, result);
  await explain(scene, way, call, panel);
}

function caller(scene) {
  if (scene.stream) return callStream;
  return scene.sandbox ? callSandboxed : callByFetch;
}

async function callByFetch(scene, url) {
  const options = {
    method: scene.method,
    headers: scene.headers ?? {},
    credentials: scene.credentials ? "include" : "omit",
    cache: "no-store", // each click is seen on the wire, its preflight too
  };
  if (scene.content) options.body = scene.content;
  try {
    const response = await fetch(url, options);
    const content = await response.text();
    const headers = Object.keys(scene.reads ?? {}).map((name) => [name, response.headers.get(name)]);
    return { readable: true, status: response.status, content, headers };
  } catch (error) {
    return { readable: false, said: String(error) };
  }
}

function callStream(scene, url, panel) {
  return new Promise((resolve) => {
    const lines = [];
    const source = new EventSource(url);
    source.onmessage = (event) => {
      lines.push(event.data);
      panel.querySelector(".seen").textContent = lines.join("\n");
    };
    const end = (result) => {
      source.close();
      resolve(result);
    };
    source.addEventListener("done", () => end({ readable: true, status: 200, content: lines.join("\n") }));
    source.onerror = () => end({ readable: false, said: "EventSource: an error event, without a word" });
  });
}

function callSandboxed(scene, url) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.hidden = true;
    frame.src = `sandboxed.html#${encodeURIComponent(url)}`;
    const heard = (event) => {
      if (event.source !== frame.contentWindow) return;
      removeEventListener("message", heard);
      frame.remove();
      resolve(event.data);
    };
    addEventListener("message", heard);
    document.body.append(frame);
  });
}

function seen(scene, result) {
  if (!result.readable) return `${result.said}\nThat is all that JavaScript is told.`;
  const headers = (result.headers ?? []).map(([name, value]) => `${name}: ${value ?? "null (not exposed)"}`);
  return [readable(result.content), ...headers, `${result.took} ms`].join("\n");
}

// Problem details are read for their sentence; other content stands as it came.
function readable(content) {
  if (!content) return "(no content)";
  try {
    return JSON.parse(content).detail ?? content;
  } catch {
    return content;
  }
}

async function explain(scene, way, call, panel) {
  const why = panel.querySelector(".why");
  const question = `explained?${new URLSearchParams({ scene: scene.id, way, call })}`;
  const ended = [{ mark: "note", text: "The demo has ended: start corsproxy demo again." }];
  const lines = await fetch(question).then((response) => response.json()).catch(() => ended);
  const items = lines.map((line) => {
    const item = document.createElement("li");
    item.classList.add(line.mark);
    item.textContent = line.text;
    if (line.fix) {
      const fix = document.createElement("code");
      fix.textContent = line.fix;
      item.append(fix);
    }
    return item;
  });
  why.querySelector("ul").replaceChildren(...items);
  why.hidden = items.length === 0;
}

function tally() {
  const count = (way, outcome) => document.querySelectorAll(`.result.${way}.${outcome}`).length;
  document.querySelector("#tally").textContent =
    `directly: ${count("direct", "blocked")} blocked, ${count("direct", "readable")} readable · ` +
    `through the proxy: ${count("through", "readable")} readable, ${count("through", "blocked")} blocked`;
}
