// What one database of the page's holds comes to another by the server's, while both are open.
import PouchDB from "pouchdb";

const live = { live: true, retry: true };

export default async (url) => {
  const [here, there] = [new PouchDB("here"), new PouchDB("there")];
  const replications = [here.sync(url, live), there.sync(url, live)];
  const heard = new Promise((settled) => {
    there.changes({ since: "now", live: true, include_docs: true }).on("change", settled);
  });
  await here.put({ _id: "lamp", _attachments: {
    note: { content_type: "text/plain", data: btoa("hello") },
  } });
  const { id } = await heard;
  const note = await there.getAttachment("lamp", "note");
  for (const replication of replications) replication.cancel();
  return [id, await note.text()];
};
