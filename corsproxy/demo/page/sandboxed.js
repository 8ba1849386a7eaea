// Runs in a sandboxed frame: its origin is "null". Calls what the fragment names, tells the page.
const url = decodeURIComponent(location.hash.slice(1));
fetch(url).then(
  (response) => response.text().then((content) => ({ readable: true, status: response.status, content })),
  (error) => ({ readable: false, said: String(error) }),
).then((result) => parent.postMessage(result, "*"));
