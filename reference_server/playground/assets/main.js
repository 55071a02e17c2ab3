// The page: tabs, the token, and the four panels.

import { byId } from "./dom.js";
import { gateway, load, refreshModels, setToken } from "./gateway.js";
import { resetInspector, setUpInspector, showInspector } from "./inspector.js";
import { showReference } from "./reference.js";
import { setUpSpeak } from "./speak.js";
import { choose, setUpTranscribe } from "./transcribe.js";

const TABS = [...document.querySelectorAll('[role="tab"]')];
const KEYS = { ArrowRight: 1, ArrowLeft: -1 };

function select(name, { focus = false } = {}) {
  for (const tab of TABS) {
    const chosen = tab.getAttribute("aria-controls") === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !chosen;
    if (chosen && focus) tab.focus();
  }
  showInspector(name === "inspector");
  if (name === "reference") showReference();
}

function setUpTabs() {
  for (const tab of TABS) {
    tab.addEventListener("click", () => { location.hash = tab.getAttribute("aria-controls"); });
    tab.addEventListener("keydown", (event) => {
      const at = TABS.indexOf(tab);
      const next = { Home: 0, End: TABS.length - 1 }[event.key] ?? (event.key in KEYS ? at + KEYS[event.key] : null);
      if (next === null) return;
      event.preventDefault();
      const name = TABS[(next + TABS.length) % TABS.length].getAttribute("aria-controls");
      select(name, { focus: true });
      history.replaceState(null, "", `#${name}`);
    });
  }
  addEventListener("hashchange", selectByAddress);
  selectByAddress();
}

function selectByAddress() {
  const name = location.hash.slice(1);
  if (TABS.some((tab) => tab.getAttribute("aria-controls") === name)) select(name);
}

function setUpToken() {
  const field = byId("token");
  const show = byId("token-show");
  const check = async () => {
    byId("token-state").textContent = await refreshModels();
    resetInspector();
  };
  field.value = gateway.token;
  field.addEventListener("change", () => {
    setToken(field.value);
    check();
  });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    setToken(field.value);
    check();
  });
  show.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    show.setAttribute("aria-pressed", String(!shown));
  });
  return check();
}

/** A file that is dropped beside its place must not make the browser leave the page. */
function keepDrops() {
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
}

await load();
byId("base-url").textContent = gateway.origin + gateway.basePath;
setUpSpeak((file) => {
  choose(file);
  select("transcribe");
  history.replaceState(null, "", "#transcribe");
  byId("transcribe-submit").focus();
});
setUpTranscribe();
setUpInspector();
setUpTabs();
keepDrops();
await setUpToken();
