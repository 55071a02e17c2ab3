// Drives the mock with openai-node as its users do, and prints what it got as one JSON object.
// Environment: BASE_URL (of the mock), KEY.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import OpenAI, { AzureOpenAI, toFile } from "openai";

const { BASE_URL, KEY, SAID } = process.env;
const client = new OpenAI({ baseURL: `${BASE_URL}/v1`, apiKey: KEY, maxRetries: 0 });
const azure = new AzureOpenAI({ endpoint: BASE_URL, apiKey: KEY, apiVersion: "2025-03-01-preview", maxRetries: 0 });

const speak = async (one, model, response_format) =>
  Buffer.from(await (await one.audio.speech.create({ model, voice: "alloy", input: SAID, response_format })).arrayBuffer());

const got = { heard: {} };
for (const format of ["mp3", "opus", "aac", "flac", "wav", "pcm"]) {
  const file = await toFile(await speak(client, "tts-1", format), `speech.${format}`);
  got.heard[format] = (await client.audio.transcriptions.create({ file, model: "whisper-1" })).text;
}

// A file from disk goes out in chunked coding, before the other fields.
const mp3 = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "openai-node-")), 'größe "1".mp3');
fs.writeFileSync(mp3, await speak(client, "tts-1", "mp3"));
const upload = () => fs.createReadStream(mp3);

got.verbose = await client.audio.transcriptions.create({
  file: upload(),
  model: "whisper-1",
  response_format: "verbose_json",
  timestamp_granularities: ["word", "segment"],
});
got.srt = await client.audio.transcriptions.create({ file: upload(), model: "whisper-1", response_format: "srt" });
got.translation = (await client.audio.translations.create({ file: upload(), model: "whisper-1" })).text;

got.deltas = [];
for await (const event of await client.audio.transcriptions.create({ file: upload(), model: "gpt-4o-transcribe", stream: true })) {
  if (event.type === "transcript.text.delta") got.deltas.push(event.delta);
  else got.last = event;
}

got.azure = (await speak(azure, "speech-prod", "wav")).subarray(0, 4).toString();
got.azureHeard = (await azure.audio.transcriptions.create({ file: upload(), model: "whisper-prod" })).text;
got.refusal = await client.audio.speech
  .create({ model: "no-such-model", voice: "alloy", input: SAID })
  .catch(({ status, code, type }) => ({ status, code, type }));

fs.rmSync(path.dirname(mp3), { recursive: true });
console.log(JSON.stringify(got));
