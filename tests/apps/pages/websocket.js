// What comes back over a WebSocket for each thing that is sent.
export default (base, path, sent) =>
  new Promise((settled, failed) => {
    const socket = new WebSocket(base.replace("http", "ws") + path);
    const heard = [];
    socket.onopen = () => sent.forEach((content) => socket.send(content));
    socket.onmessage = ({ data }) => {
      if (heard.push(data) < sent.length) return;
      socket.close();
      settled(heard);
    };
    socket.onclose = ({ code }) => failed(new Error(`closed with ${code} after ${heard}`));
  });
