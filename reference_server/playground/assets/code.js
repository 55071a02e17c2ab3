// The call that was just made, as curl, Python and Node write it. The token comes from the environment in all of them.

import { copyButton, element } from "./dom.js";
import { gateway } from "./gateway.js";

const VARIABLE = "GATEWAY_TOKEN";
const shell = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;
// JSON's strings are strings of JavaScript and of Python too; what JSON may hold beyond ASCII is escaped, to be safe.
const quoted = (value) =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const python = (value) => (typeof value === "string" ? pythonString(value) : String(value));
// Python's \u escapes know no halves of pairs: whole characters instead.
const pythonString = (value) =>
  JSON.stringify(value).replace(/[\u{7f}-\u{10ffff}]/gu, (one) => `\\U${one.codePointAt(0).toString(16).padStart(8, "0")}`);

const WRITERS = { curl, Python: inPython, Node: inNode };

export function codeOf(language, made) {
  return WRITERS[language](made, `${gateway.origin}${made.url}`);
}

function output(made) {
  const format = new Map(made.fields).get("response_format") ?? "mp3";
  return `speech.${format}`;
}

function curl(made, url) {
  // With --fail nothing is written for an error: it is never saved as audio.
  const lines = [`curl ${made.file === null ? "--fail" : "--fail-with-body"} ${shell(url)}`, `-H "Authorization: Bearer $${VARIABLE}"`];
  if (made.file === null) {
    lines.push(`-H 'Content-Type: application/json'`, `-d ${shell(JSON.stringify(Object.fromEntries(made.fields)))}`);
    lines.push(`--output ${output(made)}`);
  } else {
    for (const [name, value] of made.fields) lines.push(`--form-string ${shell(`${name}=${value}`)}`);
    lines.push(`-F ${shell(`file=@"${made.file.name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`)}`);
  }
  return lines.join(" \\\n  ");
}

function inPython(made, url) {
  const head = ["import os", "", "import httpx", ""];
  const request = [
    "response = httpx.post(",
    `    ${python(url)},`,
    `    headers={"Authorization": f"Bearer {os.environ['${VARIABLE}']}"},`,
  ];
  if (made.file === null) {
    const fields = made.fields.map(([name, value]) => `        ${python(name)}: ${python(value)},`);
    return [...head, ...request, "    json={", ...fields, "    },", "    timeout=60,", ")", "response.raise_for_status()",
      `with open("${output(made)}", "wb") as file:`, "    file.write(response.content)"].join("\n");
  }
  const grouped = [...new Set(made.fields.map(([name]) => name))].map((name) => {
    const values = made.fields.filter(([each]) => each === name).map(([, value]) => python(String(value)));
    return `        ${python(name)}: ${values.length > 1 ? `[${values.join(", ")}]` : values[0]},`;
  });
  return [...head, `with open(${python(made.file.name)}, "rb") as file:`, ...[...request, "    data={", ...grouped, "    },",
    `    files={"file": file},`, "    timeout=60,", ")"].map((line) => `    ${line}`), "response.raise_for_status()",
    "print(response.json())"].join("\n");
}

function inNode(made, url) {
  const authorization = `Authorization: \`Bearer \${process.env.${VARIABLE}}\``;
  if (made.file === null) {
    return [`import { writeFile } from "node:fs/promises";`, "", `const response = await fetch(${quoted(url)}, {`,
      `  method: "POST",`, `  headers: { ${authorization}, "Content-Type": "application/json" },`, "  body: JSON.stringify({",
      ...made.fields.map(([name, value]) => `    ${name}: ${quoted(value)},`), "  }),", "});",
      "if (!response.ok) throw new Error(await response.text());",
      `await writeFile("${output(made)}", Buffer.from(await response.arrayBuffer()));`].join("\n");
  }
  return [`import { openAsBlob } from "node:fs";`, "", "const form = new FormData();",
    ...made.fields.map(([name, value]) => `form.append(${quoted(name)}, ${quoted(String(value))});`),
    `form.append("file", await openAsBlob(${quoted(made.file.name)}), ${quoted(made.file.name)});`,
    `const response = await fetch(${quoted(url)}, {`, `  method: "POST",`, `  headers: { ${authorization} },`, "  body: form,",
    "});", "if (!response.ok) throw new Error(await response.text());", "console.log(await response.json());"].join("\n");
}

/** A panel that shows a call in one language at a time. */
export function codePanel(made) {
  const shown = element("code");
  const box = element("pre", { tabindex: "0", role: "region", "aria-label": "Code of this call" }, shown);
  const buttons = Object.keys(WRITERS).map((language) =>
    element("button", { type: "button", onclick: () => show(language) }, language));
  function show(language) {
    shown.textContent = codeOf(language, made);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === language));
  }
  show("curl");
  return element("section", { class: "card code" },
    element("h3", {}, "The same call from your program"),
    element("div", { class: "actions" },
      element("div", { class: "languages", role: "group", "aria-label": "Programming language" }, buttons),
      copyButton("Copy", () => shown.textContent)),
    box,
    element("p", { class: "hint" }, "It takes the token from the variable ", element("code", {}, VARIABLE), "."));
}
