// Text to speech: the form, and what came of it to hear, to see and to keep.

import { decoded, playable, player } from "./audio.js";
import { call, requestOf } from "./calls.js";
import { codePanel } from "./code.js";
import { announce, byId, element, ObjectUrl, seconds } from "./dom.js";
import { modelsFor, onModels, send } from "./gateway.js";
import { offer, problem, showing, verdict } from "./results.js";
import { waveform } from "./waveform.js";

const DEFAULT_SPEED = 1;
const playing = new ObjectUrl();
const saved = new ObjectUrl();

/** Sets the panel up; `hear` takes a file to the transcription form. */
export function setUpSpeak(hear) {
  const form = byId("speak-form");
  const input = byId("speak-input");
  const speed = byId("speak-speed");
  const count = () => { byId("speak-count").textContent = `${[...input.value].length} characters`; };
  onModels(() => offer(byId("speak-model"), modelsFor("speech")));
  input.addEventListener("input", count);
  count();
  speed.addEventListener("input", () => { byId("speak-speed-value").textContent = `${Number(speed.value)}×`; });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const made = asked();
    showing(byId("speak-result"), form.querySelector("button.primary"), async () => {
      const answer = await send(made.url, requestOf(made));
      return [answer.ok ? await spoken(answer, made, hear) : problem(answer), codePanel(made)];
    });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

function asked() {
  const speed = Number(byId("speak-speed").value);
  return call("speech", [
    ["model", byId("speak-model").value],
    ["input", byId("speak-input").value],
    ["voice", byId("speak-voice").value],
    ["response_format", byId("speak-format").value],
    ["speed", speed === DEFAULT_SPEED ? null : speed],
    ["instructions", byId("speak-instructions").value],
  ]);
}

async function spoken(answer, made, hear) {
  const blob = playable(answer.bytes, answer.mediaType);
  const buffer = await decoded(blob);
  const audio = player(blob, buffer, playing);
  audio.setAttribute("aria-label", "The speech");
  const name = `speech.${new Map(made.fields).get("response_format")}`;
  const file = new File([answer.bytes], name, { type: answer.mediaType });
  // Headerless samples can be heard again only with the header that they were given for the player.
  const heard = blob.type === "audio/wav" && !name.endsWith(".wav") ? new File([blob], `${name}.wav`, { type: blob.type }) : file;
  announce(`Speech of ${buffer === null ? "unknown length" : seconds(buffer.duration)}.`);
  return element("div", { class: "card" }, verdict(answer),
    buffer === null ? element("p", { class: "hint" }, "This browser cannot show this format.") : waveform(audio, buffer),
    audio,
    element("div", { class: "actions" },
      element("a", { class: "button", download: name, href: saved.of(file) }, `Download ${name}`),
      element("button", { type: "button", onclick: () => hear(heard) }, "Transcribe it")));
}
