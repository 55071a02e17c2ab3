// The microphone: MediaRecorder's own container, whatever the browser makes.

import { seconds } from "./dom.js";

const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const EXTENSIONS = { "audio/webm": "webm", "audio/mp4": "m4a", "audio/ogg": "ogg" };

/** A button that records until it is pressed again, and hands the recording to `done`. */
export function setUpRecorder(button, state, done) {
  const label = button.textContent;
  let stop = null;
  button.addEventListener("click", async () => {
    if (stop !== null) {
      stop();
      return;
    }
    try {
      stop = await record((file) => { end(); state.textContent = "Recorded."; done(file); }, (text) => { state.textContent = text; });
      button.textContent = "Stop";
      button.classList.add("recording");
    } catch (error) {
      state.textContent = error.name === "NotAllowedError" ? "The microphone is not allowed." : "There is no microphone to use here.";
    }
  });
  function end() {
    stop = null;
    button.textContent = label;
    button.classList.remove("recording");
  }
}

async function record(done, tell) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  const pieces = [];
  const began = performance.now();
  tell("Recording.");
  const clock = setInterval(() => tell(`Recording, ${seconds((performance.now() - began) / 1000)}`), 5000);
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => {
    clearInterval(clock);
    for (const track of stream.getTracks()) track.stop();
    const kind = recorder.mimeType.split(";")[0];
    done(new File(pieces, `recording.${EXTENSIONS[kind] ?? "webm"}`, { type: recorder.mimeType }));
  });
  recorder.start();
  return () => recorder.stop();
}
