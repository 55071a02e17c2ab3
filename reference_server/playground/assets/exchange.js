// One exchange in full: what is known of it, headers and bodies of both sides, and the way to send it again.

import { decoded, playable, player } from "./audio.js";
import { element, ObjectUrl, seconds, size } from "./dom.js";
import { authorized, jsonOf, send } from "./gateway.js";
import { parts } from "./multipart.js";
import { waveform } from "./waveform.js";

const MOST_TEXT = 100_000;
const BODILESS = new Set(["GET", "HEAD", "DELETE"]);

/** The detail of an exchange. Bodies are fetched when it is built. */
export function detail(exchange) {
  const state = element("span", { class: "hint", role: "status" });
  return element("div", { class: "detail" },
    facts(exchange),
    element("div", { class: "actions" }, replayButton(exchange, state), state),
    element("div", { class: "sides" }, side("Request", exchange, "request"), side("Response", exchange, "response")));
}

function facts(exchange) {
  const took = (value) => (value === null ? null : seconds(value));
  const known = [
    ["Started", new Date(exchange.started * 1000).toLocaleString()],
    ["Request id", exchange.request_id],
    ["Model", exchange.model],
    ["Provider", exchange.provider],
    ["Error", exchange.error],
    ["Reason", exchange.reason],
    ["Request received after", took(exchange.received_s)],
    ["Response began after", took(exchange.first_byte_s)],
    ["Done after", took(exchange.seconds)],
  ];
  return element("dl", { class: "facts" }, known.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function replayButton(exchange, state) {
  const whole = exchange.authenticated && exchange.request.whole;
  const button = element("button", { type: "button", disabled: !whole }, "Replay");
  if (!whole) state.textContent = exchange.authenticated ? "Its body is too long to be kept whole." : "It came without a valid token.";
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    state.textContent = "Sending it again …";
    try {
      state.textContent = await replayed(exchange);
    } catch (error) {
      state.textContent = `No response: ${error.message}`;
    }
    button.removeAttribute("aria-disabled");
  });
  return button;
}

async function replayed(exchange) {
  const type = header(exchange.request, "content-type");
  const body = BODILESS.has(exchange.method) ? undefined : await bytesOf(exchange, "request");
  const url = exchange.path + (exchange.query ? `?${exchange.query}` : "");
  const answer = await send(url, { method: exchange.method, headers: type ? { "Content-Type": type } : {}, body });
  return `Answered ${answer.status} in ${seconds(answer.seconds)}.`;
}

const header = (of, name) => of.headers.find(([each]) => each === name)?.[1] ?? "";

async function bytesOf(exchange, which) {
  const response = await fetch(`/playground/requests/${exchange.number}/${which}`, { headers: authorized() });
  if (!response.ok) throw new Error("It is no longer kept.");
  return new Uint8Array(await response.arrayBuffer());
}

function side(title, exchange, which) {
  const of = exchange[which];
  const place = element("div", { class: "parts" });
  const box = element("div", { class: "side", role: "group", "aria-label": title },
    element("h3", {}, `${title}, ${size(of.size)}`),
    element("details", {}, element("summary", {}, `${of.headers.length} headers`),
      element("dl", { class: "facts mono" }, of.headers.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]))),
    place);
  show(place, exchange, which).catch((error) => place.replaceChildren(element("p", { class: "hint" }, error.message)));
  return box;
}

async function show(place, exchange, which) {
  const of = exchange[which];
  if (of.size === 0) return place.replaceChildren(element("p", { class: "hint" }, "No body."));
  if (!exchange.authenticated) return place.replaceChildren(element("p", { class: "hint" }, "Not kept: it came without a valid token."));
  const bytes = await bytesOf(exchange, which);
  const shown = await nodesOf(bytes, header(of, "content-type"));
  if (!of.whole) shown.unshift(element("p", { class: "hint" }, `The first ${size(bytes.length)} of it.`));
  return place.replaceChildren(...shown);
}

async function nodesOf(bytes, mediaType) {
  const form = parts(bytes, mediaType);
  if (form !== null) return formFields(form);
  if (/^(audio|video)\//i.test(mediaType)) return [await sound(bytes, mediaType)];
  return [text(bytes, mediaType)];
}

/** The fields of a form as a list, its files below. */
async function formFields(form) {
  const fields = form.filter((part) => part.fileName === null).flatMap((part) =>
    [element("dt", {}, part.name), element("dd", {}, new TextDecoder().decode(part.bytes).slice(0, MOST_TEXT))]);
  const files = form.filter((part) => part.fileName !== null).map(async (part) => element("div", { class: "parts" },
    element("h4", { class: "mono" }, `${part.name}: ${part.fileName}, ${size(part.bytes.length)}`), await sound(part.bytes, part.mediaType)));
  return [element("dl", { class: "facts mono" }, fields), ...await Promise.all(files)];
}

async function sound(bytes, mediaType) {
  const blob = playable(bytes.slice().buffer, mediaType || "application/octet-stream");
  const buffer = await decoded(blob);
  if (buffer === null) return element("p", { class: "hint" }, `${mediaType || "Bytes"} that this browser cannot play.`);
  const audio = player(blob, buffer, new ObjectUrl());
  audio.setAttribute("aria-label", "The audio of this body");
  return element("div", { class: "parts" }, waveform(audio, buffer), audio);
}

function text(bytes, mediaType) {
  const document = /json/i.test(mediaType) ? jsonOf(bytes) : null;
  const whole = document === null ? new TextDecoder().decode(bytes) : JSON.stringify(document, null, 2);
  return element("pre", { tabindex: "0" }, element("code", {}, whole.slice(0, MOST_TEXT)));
}
