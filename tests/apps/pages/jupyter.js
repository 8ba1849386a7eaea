// A kernel started by the API and spoken to by its WebSocket, with the token of the server.
export default async (base, token, code) => {
  const headers = { Authorization: `token ${token}` };
  const made = await fetch(`${base}/api/kernels`, { method: "POST", headers });
  const location = made.headers.get("location");
  const { id } = await made.json();
  const url = `${base.replace("http", "ws")}/api/kernels/${id}/channels?token=${token}`;
  const socket = new WebSocket(url);
  const value = await new Promise((settled, failed) => {
    socket.onclose = ({ code: why }) => failed(new Error(`closed with ${why}`));
    socket.onmessage = ({ data }) => {
      const { msg_type: kind, content } = JSON.parse(data);
      if (kind === "execute_result") settled(content.data["text/plain"]);
    };
    const header = { msg_id: "1", msg_type: "execute_request", username: "", session: "1" };
    const content = { code, silent: false };
    const asked = { header: { ...header, version: "5.3" }, content, channel: "shell" };
    socket.onopen = () => {
      socket.send(JSON.stringify({ ...asked, parent_header: {}, metadata: {} }));
    };
  });
  const ended = await fetch(`${base}/api/kernels/${id}`, { method: "DELETE", headers });
  return [made.status, location.endsWith(id), value, ended.status];
};
