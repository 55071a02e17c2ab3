// The inspector: the last requests, whoever sent them, as they come.

import { announce, byId, element, seconds, tone } from "./dom.js";
import { detail } from "./exchange.js";
import { authorized, gateway } from "./gateway.js";

const WAIT_S = 20;
const AGAIN_MS = 2000;

const exchanges = new Map();
const rows = new Map();
let revision = 0;
let asking = null;
let wanted = false;

export function setUpInspector() {
  byId("filter").addEventListener("input", render);
  byId("filter-status").addEventListener("change", render);
  byId("pause").addEventListener("click", () => {
    const paused = byId("pause").getAttribute("aria-pressed") !== "true";
    byId("pause").setAttribute("aria-pressed", String(paused));
    update();
  });
  byId("clear").addEventListener("click", clear);
  document.addEventListener("visibilitychange", update);
}

/** Follows the requests while the panel is shown, and no longer. */
export function showInspector(shown) {
  wanted = shown;
  update();
}

/** Begins anew: another token sees other requests. */
export function resetInspector() {
  forget();
  asking?.abort();
  asking = null;
  update();
}

function update() {
  const paused = byId("pause").getAttribute("aria-pressed") === "true";
  const follows = wanted && !document.hidden && !paused;
  if (follows && asking === null) follow();
  if (!follows && asking !== null) {
    asking.abort();
    asking = null;
  }
  if (paused) tell("Paused.");
}

async function follow() {
  const mine = new AbortController();
  asking = mine;
  let wait = 0;
  while (asking === mine) {
    try {
      const response = await fetch(`/playground/requests?after=${revision}&wait_s=${wait}`, { headers: authorized(), signal: mine.signal });
      if (asking !== mine) return;
      if (response.ok) {
        take(await response.json());
        wait = WAIT_S;
      } else {
        tell(gateway.token ? "This token is not valid." : "The inspector needs the token.");
        await later();
      }
    } catch {
      if (asking !== mine) return;
      tell("The gateway cannot be reached; trying again.");
      revision = 0;
      wait = 0;
      await later();
    }
  }
}

const later = () => new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });

function take(update) {
  if (update.revision < revision) forget();
  revision = update.revision;
  for (const exchange of update.exchanges) {
    exchanges.set(exchange.number, exchange);
    rows.get(exchange.number)?.refresh(exchange);
  }
  const kept = new Set(update.kept);
  for (const number of [...exchanges.keys()]) if (!kept.has(number)) drop(number);
  render();
}

function drop(number) {
  exchanges.delete(number);
  rows.get(number)?.node.remove();
  rows.delete(number);
}

function forget() {
  for (const number of [...exchanges.keys()]) drop(number);
  revision = 0;
}

async function clear() {
  const response = await fetch("/playground/requests", { method: "DELETE", headers: authorized() });
  if (response.ok) take(await response.json());
  announce("Cleared.");
}

function matches(exchange) {
  const status = byId("filter-status").value;
  if (status === "-" ? exchange.over : status && Math.floor((exchange.status ?? 0) / 100) !== Number(status)) return false;
  const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [exchange.method, exchange.path, exchange.request_id, exchange.model, exchange.provider, exchange.error, exchange.reason, exchange.status]
    .join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Puts the rows in order, newest first. Rows that stay keep their nodes, so that nothing loses the focus. */
function render() {
  const shown = [...exchanges.values()].filter(matches).sort((one, other) => other.number - one.number);
  const list = byId("exchanges");
  const nodes = shown.map((exchange) => {
    if (!rows.has(exchange.number)) rows.set(exchange.number, row(exchange));
    return rows.get(exchange.number).node;
  });
  const present = new Set(nodes);
  for (const node of [...list.children]) if (!present.has(node)) node.remove();
  nodes.forEach((node, index) => { if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null); });
  if (byId("pause").getAttribute("aria-pressed") === "true") return;
  if (!exchanges.size) tell("No requests yet: whatever is sent to this gateway shows up here.");
  else tell(shown.length === exchanges.size ? `${shown.length} requests.` : `${shown.length} of ${exchanges.size} requests.`);
}

/** Says it once: a region that is read aloud must not repeat itself. */
function tell(text) {
  const state = byId("inspector-state");
  if (state.textContent !== text) state.textContent = text;
}

function row(first) {
  let exchange = first;
  let open = null;
  const id = `exchange-${first.number}`;
  const button = element("button", { type: "button", "aria-expanded": "false", "aria-controls": id });
  const place = element("div", { id });
  const node = element("li", { class: "exchange" }, button, place);
  button.addEventListener("click", () => {
    open = open === null ? detail(exchange) : null;
    button.setAttribute("aria-expanded", String(open !== null));
    place.replaceChildren(...(open === null ? [] : [open]));
  });
  function refresh(now) {
    exchange = now;
    button.replaceChildren(...summary(exchange));
    if (open !== null && !place.contains(document.activeElement)) {
      open = detail(exchange);
      place.replaceChildren(open);
    }
  }
  refresh(first);
  return { node, refresh };
}

function summary(exchange) {
  const path = exchange.path.startsWith(gateway.basePath) ? exchange.path.slice(gateway.basePath.length) : exchange.path;
  const status = exchange.status ?? (exchange.over ? "gone" : "…");
  return [
    element("span", { class: `status ${tone(exchange.status)}` }, String(status)),
    element("span", {}, `${exchange.method} ${path}`),
    element("span", { class: "id" }, exchange.request_id ?? ""),
    element("span", { class: "route" }, [exchange.model, exchange.provider].filter(Boolean).join(" → ") || exchange.error || ""),
    element("span", { class: "took" }, exchange.seconds === null ? "in flight" : seconds(exchange.seconds)),
  ];
}
