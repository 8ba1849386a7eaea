// The connection to the proxy: rows as they come, the token, and whether anybody is there.

export class Stream {
  /** `onRows(rows, missed)` and `onState("live" | "connecting" | "lost")`. */
  constructor(onRows, onState) {
    this.onRows = onRows;
    this.onState = onState;
    this.token = "";
    this.open();
  }

  open() {
    const source = new EventSource("/events");
    source.addEventListener("hello", (event) => {
      this.token = JSON.parse(event.data).token;
      this.onState("live");
    });
    source.addEventListener("rows", (event) => {
      const { rows, missed } = JSON.parse(event.data);
      this.onRows(rows, missed, event.lastEventId);
    });
    source.addEventListener("error", () => {
      this.onState("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.open(), 2000);
    });
  }

  /** POST with this run's token; throws an Error with the server's sentence. */
  async post(path) {
    const response = await fetch(path, { method: "POST", headers: { "X-Corsproxy-Token": this.token } });
    if (!response.ok) throw new Error(await sentence(response));
    return response;
  }
}

/** GET `path` as JSON; throws an Error with the server's sentence. */
export async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(await sentence(response));
  return response.json();
}

/** What a response that says no says: the detail of its problem (RFC 9457). */
export async function sentence(response) {
  return response.json().then((problem) => problem.detail, () => `status ${response.status}`);
}
