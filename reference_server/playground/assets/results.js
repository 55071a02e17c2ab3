// What stands above every result: the status, how long it took, whose id it has; or why there is none.

import { announce, element, seconds, size, tone } from "./dom.js";
import { jsonOf } from "./gateway.js";

export function verdict(answer) {
  return element("p", { class: "verdict" },
    element("span", { class: `status ${tone(answer.status)}` }, String(answer.status)),
    element("span", {}, seconds(answer.seconds)),
    element("span", {}, size(answer.bytes.byteLength)),
    element("span", {}, answer.mediaType),
    element("span", { class: "mono" }, answer.requestId));
}

export function problem(answer) {
  const error = jsonOf(answer.bytes)?.error;
  const message = error?.message ?? new TextDecoder().decode(answer.bytes).slice(0, 500);
  const where = [error?.code, error?.param && `field: ${error.param}`].filter(Boolean).join(" · ");
  announce(`Refused: ${message}`);
  return element("div", { class: "card" }, verdict(answer),
    element("div", { class: "problem" }, element("p", {}, message || "An empty body."),
      where ? element("p", { class: "hint mono" }, where) : null));
}

export function unreachable(error) {
  announce("The gateway cannot be reached.");
  return element("div", { class: "card" }, element("div", { class: "problem" },
    element("p", {}, "There was no response: the gateway cannot be reached, or it broke the connection."),
    element("p", { class: "hint mono" }, String(error.message))));
}

/**
 * Runs `work` while the place is marked as busy, and shows what it returns; the button can be pressed once at a time.
 * It is not disabled meanwhile: a button that is disabled loses the focus.
 */
export async function showing(place, button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  place.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
  try {
    place.replaceChildren(...await work());
  } catch (error) {
    place.replaceChildren(unreachable(error));
  } finally {
    place.setAttribute("aria-busy", "false");
    button.removeAttribute("aria-disabled");
  }
}

/** Puts the options into a select, and keeps what is chosen where it is still there. */
export function offer(select, values) {
  const chosen = select.value;
  const options = values.length ? values : [""];
  select.replaceChildren(...options.map((value) => element("option", { value }, value || "no model")));
  if (values.includes(chosen)) select.value = chosen;
}
