// The first events of a stream that an EventSource with credentials hears.
export default (url, count) =>
  new Promise((settled, failed) => {
    const source = new EventSource(url, { withCredentials: true });
    const heard = [];
    source.onmessage = ({ data }) => {
      heard.push(data);
      if (heard.length === count) {
        source.close();
        settled(heard);
      }
    };
    source.onerror = () => failed(new Error(`an error after ${heard}`));
  });
