// Builds the page's nodes. Text is set as text, always: nothing that a request or a response holds becomes markup.

/** A new element. Properties that start with `on` are listeners, `class` and `data-*` and the rest are attributes. */
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Says something to those who do not see the page. */
export function announce(text) {
  byId("announcement").textContent = text;
}

export function seconds(value) {
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  return value < 10 ? `${value.toFixed(2)} s` : `${value.toFixed(1)} s`;
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The tone of a status: good, warn (the request is at fault), bad (the gateway is). */
export function tone(status) {
  if (status === null || status === undefined || status < 200) return "warn";
  if (status < 400) return "good";
  return status < 500 ? "warn" : "bad";
}

export function copyButton(label, text) {
  const button = element("button", { type: "button", onclick: copy }, label);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      announce("Copied.");
      button.textContent = "Copied";
    } catch {
      announce("The browser does not let the page copy.");
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = label; }, 1500);
  }
  return button;
}

/** Objects' addresses are memory: one that is replaced is given back. */
export class ObjectUrl {
  #url = null;

  of(blob) {
    this.release();
    this.#url = URL.createObjectURL(blob);
    return this.#url;
  }

  release() {
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }
}
