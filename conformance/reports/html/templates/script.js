"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const filters = one("filters");
  const words = new Map();

  const textOf = (element) => {
    if (!words.has(element)) words.set(element, element.textContent.toLowerCase());
    return words.get(element);
  };

  const matches = (element, wanted) =>
    (!wanted.level || element.dataset.level === wanted.level) &&
    (!wanted.section || element.dataset.section === wanted.section) &&
    (!wanted.verdict || element.dataset.verdict === wanted.verdict) &&
    wanted.words.every((word) => textOf(element).includes(word));

  const apply = () => {
    const wanted = {
      level: one("level").value,
      section: one("section").value,
      verdict: one("verdict").value,
      words: one("search").value.toLowerCase().split(" ").filter(Boolean),
    };
    const active = wanted.level || wanted.section || wanted.verdict || wanted.words.length > 0;
    let causes = 0;
    for (const cause of all(".cause")) {
      const title = textOf(cause.querySelector("summary"));
      const titled = wanted.words.length > 0 && wanted.words.every((word) => title.includes(word));
      let found = 0;
      for (const finding of all(".finding", cause)) {
        const shown = matches(finding, titled ? { ...wanted, words: [] } : wanted);
        finding.hidden = !shown;
        found += shown;
      }
      cause.hidden = !found;
      causes += !cause.hidden;
    }
    for (const fold of all(".known")) fold.hidden = !all(".cause", fold).some((each) => !each.hidden);
    let rows = 0;
    for (const section of all(".section")) {
      let found = 0;
      for (const row of all("li[data-level]", section)) {
        const shown = matches(row, wanted);
        row.hidden = !shown;
        found += shown;
      }
      section.hidden = !found;
      rows += found;
    }
    one("hits").textContent = active ? `${causes} causes, ${rows} requirements` : "";
    const none = document.querySelector(".none");
    if (none) none.hidden = !active || causes > 0;
  };

  const reveal = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const place = name && one(name);
    if (!place) return;
    if (place.closest("[hidden]")) { filters.reset(); apply(); }
    for (let at = place; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    place.scrollIntoView();
    if (place.hasAttribute("tabindex")) place.focus({ preventScroll: true });
  };

  const copied = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
  };

  const selected = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  };

  for (const button of all(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const line = button.parentElement.querySelector("pre");
      const done = (await copied(line.textContent)) || selected(line);
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  filters.hidden = false;
  filters.addEventListener("input", apply);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => { for (const each of all("details")) each.open = true; });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) { event.preventDefault(); one("search").focus(); }
  });
  reveal();
})();
