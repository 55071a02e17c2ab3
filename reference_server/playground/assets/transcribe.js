// Speech to text: a recording from a file, a drop or the microphone, and its transcript on its waveform.

import { decoded, playable, player } from "./audio.js";
import { call, requestOf } from "./calls.js";
import { codePanel } from "./code.js";
import { announce, byId, element, ObjectUrl, size } from "./dom.js";
import { gateway, jsonOf, modelsFor, onModels, send } from "./gateway.js";
import { setUpRecorder } from "./recorder.js";
import { offer, problem, showing, verdict } from "./results.js";
import { transcript } from "./transcript.js";
import { waveform } from "./waveform.js";

const NAMES = { transcription: "Transcribe", translation: "Translate" };
const playing = new ObjectUrl();
let chosen = null;

export function setUpTranscribe() {
  const form = byId("transcribe-form");
  onModels(offerModels);
  form.addEventListener("change", adapt);
  byId("file").addEventListener("change", (event) => take(event.target.files[0] ?? null));
  setUpDrop(byId("drop"));
  setUpRecorder(byId("record"), byId("record-state"), choose);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (chosen === null) {
      byId("file-hint").textContent = "Choose a recording first: a file, a drop, or the microphone.";
      announce(byId("file-hint").textContent);
      byId("file").focus();
      return;
    }
    const made = asked(chosen);
    showing(byId("transcribe-result"), byId("transcribe-submit"), () => answered(made));
  });
  adapt();
}

/** Takes a recording: from the form, from the microphone, or from what was spoken just now. */
export function choose(file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  byId("file").files = transfer.files;
  take(file);
}

function take(file) {
  chosen = file;
  const hint = byId("file-hint");
  if (file === null) hint.textContent = "Choose a file, or drop one here.";
  else if (file.size > gateway.maxUploadBytes) hint.textContent = `${file.name}, ${size(file.size)}: more than the gateway takes.`;
  else hint.textContent = `${file.name}, ${size(file.size)}`;
  announce(hint.textContent);
}

const operation = () => new FormData(byId("transcribe-form")).get("operation");

function offerModels() {
  offer(byId("transcribe-model"), modelsFor(operation()));
}

/** Shows only what the operation and the format have a use for. */
function adapt() {
  const transcribes = operation() === "transcription";
  byId("language-field").hidden = !transcribes;
  byId("granularities").hidden = !transcribes || byId("transcribe-format").value !== "verbose_json";
  byId("transcribe-submit").textContent = NAMES[operation()];
  offerModels();
}

function setUpDrop(zone) {
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  zone.addEventListener("dragenter", over(true));
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    const file = event.dataTransfer.files[0];
    if (file) choose(file);
  });
}

function asked(file) {
  const detail = byId("granularities").hidden ? [] : [...byId("granularities").querySelectorAll("input:checked")];
  return call(operation(), [
    ["model", byId("transcribe-model").value],
    ["response_format", byId("transcribe-format").value],
    ...detail.map((box) => ["timestamp_granularities[]", box.value]),
    ["language", byId("language-field").hidden ? "" : byId("transcribe-language").value.trim()],
    ["temperature", byId("transcribe-temperature").value],
    ["prompt", byId("transcribe-prompt").value],
  ], file);
}

async function answered(made) {
  const answer = await send(made.url, requestOf(made));
  const body = jsonOf(answer.bytes);
  return [answer.ok && body !== null ? await heard(answer, body, made) : problem(answer), codePanel(made)];
}

async function heard(answer, body, made) {
  const format = new Map(made.fields).get("response_format");
  const blob = playable(await made.file.arrayBuffer(), made.file.type || "application/octet-stream");
  const buffer = await decoded(blob);
  const audio = player(blob, buffer, playing);
  audio.setAttribute("aria-label", "The recording");
  announce(`Transcript: ${String(body.text ?? "").slice(0, 200)}`);
  return element("div", { class: "card" }, verdict(answer),
    buffer === null ? null : waveform(audio, buffer, Array.isArray(body.words) ? body.words : []),
    audio, transcript(body, format, audio, answer.source));
}
