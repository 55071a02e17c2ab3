// openai-node, as its users call it: reads one question from its input, writes what the library returned.
// node ask.cjs FOLDER, where FOLDER/node_modules has the package openai.
const { createRequire } = require("node:module");
const path = require("node:path");

const found = createRequire(path.join(path.resolve(process.argv[2]), "index.js"))("openai");
const { OpenAI, toFile } = found;

const NAMED = ["type", "code", "param"];
const WRONG_KEY = "sk-of-nobody";

const of = (response) => ({ status: response.status, headers: Object.fromEntries(response.headers) });

async function ask({ asked, file, target }) {
  const client = new OpenAI({
    baseURL: target.base_url,
    apiKey: asked.authorised ? target.token : WRONG_KEY,
    defaultHeaders: target.headers,
    maxRetries: 0,
  });
  const fields = { ...asked.fields };
  if (file) fields.file = await toFile(Buffer.from(file.data, "base64"), file.name);
  const resource = client.audio[asked.route];
  if (asked.events) {
    const events = [];
    for await (const event of await resource.create({ ...fields, stream: true })) events.push(event);
    return { events };
  }
  if (asked.route === "speech") {
    const response = await resource.create(fields);
    const pieces = [];
    for await (const piece of response.body) pieces.push(piece);
    return { audio: Buffer.concat(pieces).toString("base64"), ...of(response) };
  }
  const { data, response } = await resource.create(fields).withResponse();
  return { ...(typeof data === "string" ? { text: data } : { document: { ...data } }), ...of(response) };
}

function raised(error) {
  if (!(error instanceof OpenAI.APIError)) return { error: error.name }; // such as a stream that breaks off
  const named = Object.fromEntries(NAMED.map((name) => [name, error[name] ?? null]));
  const headers = error.headers ? { headers: Object.fromEntries(error.headers) } : {};
  return { error: error.constructor.name, named, status: error.status ?? null, ...headers };
}

let question = "";
process.stdin.on("data", (piece) => (question += piece));
process.stdin.on("end", async () => {
  const answer = await ask(JSON.parse(question)).catch(raised);
  process.stdout.write(JSON.stringify(answer));
});
