// A transcript: its text, its words and segments with their times, its subtitles, and the document as it came.

import { copyButton, element, ObjectUrl } from "./dom.js";

const DOCUMENTS = new Set(["srt", "vtt"]);
const saved = new ObjectUrl();

export function transcript(body, format, audio, source) {
  const parts = [];
  if (source === "invented") {
    parts.push(element("p", { class: "note" },
      "These words are invented: the mock provider recognizes its own voice only. Speak a text first, and transcribe that."));
  }
  if (DOCUMENTS.has(format) && typeof body.text === "string") parts.push(subtitles(body.text, format));
  else parts.push(element("p", { class: "said" }, body.text ?? ""));
  if (Array.isArray(body.words) && body.words.length) parts.push(wordList(body.words, audio));
  if (Array.isArray(body.segments) && body.segments.length) parts.push(segmentList(body.segments));
  parts.push(element("details", {}, element("summary", {}, "The document as it came"),
    element("pre", { tabindex: "0" }, element("code", {}, JSON.stringify(body, null, 2)))));
  return parts;
}

function subtitles(text, format) {
  const file = new File([text], `subtitles.${format}`, { type: "text/plain" });
  return element("div", { class: "code" },
    element("pre", { tabindex: "0", role: "region", "aria-label": "Subtitles" }, element("code", {}, text)),
    element("div", { class: "actions" },
      element("a", { class: "button", download: file.name, href: saved.of(file) }, `Download ${file.name}`),
      copyButton("Copy", () => text)));
}

/** Words that are heard when they are pressed; the one that is heard stands out. */
function wordList(words, audio) {
  const buttons = words.map(({ word, start, end }) =>
    element("button", { type: "button", title: `${start.toFixed(2)}–${end.toFixed(2)} s`, onclick: () => hear(start) }, word.trim()));
  const hear = (start) => { audio.currentTime = start; audio.play().catch(() => {}); };
  audio.addEventListener("timeupdate", () => {
    const now = audio.currentTime;
    words.forEach(({ start, end }, index) => buttons[index].classList.toggle("current", now > 0 && now >= start && now < end));
  });
  return element("section", {}, element("h3", {}, "Words"),
    element("ol", { class: "words" }, buttons.map((button) => element("li", {}, button))));
}

function segmentList(segments) {
  return element("section", {}, element("h3", {}, "Segments"),
    element("ol", { class: "segments" }, segments.map(({ start, end, text }) =>
      element("li", {}, element("span", { class: "when" }, `${clock(start)}–${clock(end)}`), element("span", {}, text)))));
}

function clock(at) {
  const rest = (at % 60).toFixed(2).padStart(5, "0");
  return `${Math.floor(at / 60)}:${rest}`;
}
