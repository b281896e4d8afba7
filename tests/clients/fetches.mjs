// Loaded before a client: tells on standard error what it fetches, and whether the document was sent along.
const { fetch } = globalThis;
globalThis.fetch = (url, options) => {
  const address = new URL(url);
  const sent = options.body ? JSON.parse(options.body).query : address.searchParams.get("query");
  console.error(`${options.method} ${sent ? "document" : "hash"}`);
  return fetch(url, options);
};
