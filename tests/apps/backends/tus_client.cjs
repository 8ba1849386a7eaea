// An upload in parts, as a page does it; prints where it went.
const tus = require("tus-js-client");

const [base, origin] = process.argv.slice(2);
const upload = new tus.Upload(Buffer.alloc(300000, "x"), {
  endpoint: `${base}/files`,
  chunkSize: 100000,
  headers: { Origin: origin },
  onError: (error) => { throw error; },
  onSuccess: () => console.log(upload.url),
});
upload.start();
