// A waveform on a canvas, with the words under it and the part already heard in the accent's colour.

import { element, seconds } from "./dom.js";

const WORD_ROW = 26;

/** The canvas for a player's sound; a click seeks. `words` are `{word, start, end}` in seconds. */
export function waveform(audio, buffer, words = []) {
  const canvas = element("canvas", {
    class: words.length ? "waveform worded" : "waveform",
    role: "img",
    "aria-label": `Waveform, ${seconds(buffer.duration)}${words.length ? `, ${words.length} words marked` : ""}`,
  });
  const draw = () => paint(canvas, buffer, words, audio.currentTime);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  new ResizeObserver(draw).observe(canvas);
  dark.addEventListener("change", draw);
  canvas.addEventListener("click", (event) => {
    audio.currentTime = (event.offsetX / canvas.clientWidth) * buffer.duration;
  });
  for (const name of ["timeupdate", "seeked", "ended"]) audio.addEventListener(name, draw);
  audio.addEventListener("play", () => follow(audio, draw));
  return canvas;
}

function follow(audio, draw) {
  draw();
  if (!audio.paused) requestAnimationFrame(() => follow(audio, draw));
}

function paint(canvas, buffer, words, now) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio || 1;
  if (!width || !height) return;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(name);
  context.scale(scale, scale);
  const tall = height - (words.length ? WORD_ROW : 0);
  const heard = (now / buffer.duration) * width;
  bars(context, peaks(buffer, Math.floor(width / 3)), tall, (x) => colour(x <= heard && now > 0 ? "--accent" : "--wave"));
  if (words.length) labels(context, words, { width, tall, height, duration: buffer.duration, now }, colour, style.fontFamily);
}

function bars(context, found, tall, colourAt) {
  found.forEach((peak, index) => {
    const length = Math.max(1, peak * (tall - 8));
    context.fillStyle = colourAt(index * 3);
    context.fillRect(index * 3, (tall - length) / 2, 2, length);
  });
}

function labels(context, words, at, colour, family) {
  context.font = `12px ${family}`;
  context.textBaseline = "middle";
  let free = 0;
  for (const { word, start, end } of words) {
    const left = (start / at.duration) * at.width;
    const right = (end / at.duration) * at.width;
    const current = at.now >= start && at.now < end && at.now > 0;
    context.fillStyle = colour(current ? "--accent" : "--edge");
    context.fillRect(left, at.tall, Math.max(2, right - left - 2), current ? 4 : 2);
    const text = word.trim();
    if (left < free || left + context.measureText(text).width > at.width) continue;
    context.fillStyle = colour(current ? "--accent" : "--text");
    context.fillText(text, left, at.tall + WORD_ROW / 2 + 2);
    free = left + context.measureText(text).width + 5;
  }
}

/** The loudest sample of each of `count` stretches, against the loudest of all. */
function peaks(buffer, count) {
  const samples = buffer.getChannelData(0);
  const step = samples.length / Math.max(1, count);
  const found = Array.from({ length: count }, (_, index) => {
    let most = 0;
    const last = Math.min(samples.length, Math.ceil((index + 1) * step));
    const stride = Math.max(1, Math.floor(step / 200));
    for (let at = Math.floor(index * step); at < last; at += stride) most = Math.max(most, Math.abs(samples[at]));
    return most;
  });
  const loudest = Math.max(...found, 0.01);
  return found.map((peak) => peak / loudest);
}
