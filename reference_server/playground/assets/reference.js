// The reference: the contract's own document, shown as it says. No request leaves this server for it.

import { element, byId } from "./dom.js";

let loaded = false;

export async function showReference() {
  if (loaded) return;
  loaded = true;
  try {
    const contract = await (await fetch("/playground/contract.json")).json();
    byId("reference-content").replaceChildren(reference(contract));
  } catch {
    loaded = false;
    byId("reference-content").replaceChildren(element("p", { class: "hint" }, "The contract cannot be loaded."));
  }
}

function reference(contract) {
  const resolve = (node) => (node && node.$ref ? resolve(followed(contract, node.$ref)) : node ?? {});
  const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([method]) => ["get", "post"].includes(method))
      .map(([method, operation]) => operationCard(contract.servers?.[0]?.url ?? "", path, method, operation, resolve)));
  return element("div", { class: "reference" },
    element("div", { class: "card" }, element("h2", {}, contract.info.title), prose(contract.info.description),
      element("p", {}, element("a", { href: "/openapi.yaml" }, "openapi.yaml"), ", the whole contract as a file")),
    operations);
}

function followed(contract, reference) {
  return reference.replace(/^#\//, "").split("/")
    .reduce((node, key) => node?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], contract);
}

function operationCard(base, path, method, operation, resolve) {
  const body = resolve(operation.requestBody);
  return element("article", { class: "card" },
    element("h2", {}, operation.summary ?? path),
    element("p", { class: "endpoint" }, element("span", { class: "method" }, method.toUpperCase()), element("code", {}, base + path)),
    prose(operation.description),
    Object.entries(body.content ?? {}).map(([kind, content]) => bodyOf(kind, content, resolve)),
    element("section", {}, element("h3", {}, "Responses"), element("dl", { class: "facts" },
      Object.entries(operation.responses ?? {}).flatMap(([status, response]) =>
        [element("dt", { class: "mono" }, status), element("dd", {}, plain(resolve(response).description))]))));
}

function bodyOf(kind, content, resolve) {
  const schema = resolve(content.schema);
  const required = new Set(schema.required ?? []);
  const example = content.example ?? Object.values(content.examples ?? {}).map((each) => resolve(each).value)[0];
  return element("details", { open: kind === "application/json" || undefined },
    element("summary", {}, kind),
    element("dl", { class: "properties" }, Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const found = resolve(property);
      return element("div", {},
        element("dt", {}, element("code", {}, name), element("span", { class: "hint" }, kindOf(found, resolve)),
          required.has(name) ? element("span", { class: "status" }, "required") : null),
        element("dd", {}, plain(found.description)));
    })),
    example === undefined ? null : element("pre", { tabindex: "0" }, element("code", {}, JSON.stringify(example, null, 2))));
}

function kindOf(schema, resolve, depth = 0) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices && depth < 3) {
    // What a gateway may take or refuse as it likes is no part of what a client should send.
    const documented = choices.filter((each) => !/(TakenOrRefused|IgnoredValue)$/.test(each.$ref ?? ""));
    return [...new Set(documented.map((each) => kindOf(resolve(each), resolve, depth + 1)))].filter(Boolean).join(" or ");
  }
  const bounds = [["minimum", "from", ""], ["maximum", "to", ""], ["maxLength", "to", " characters"]]
    .filter(([key]) => schema[key] !== undefined).map(([key, word, unit]) => `${word} ${schema[key]}${unit}`);
  if (schema.minLength) bounds.unshift("not empty");
  const kind = schema.type === "array" ? `list of ${kindOf(resolve(schema.items), resolve, depth + 1)}` : [schema.type ?? "any"].flat().join(" or ");
  return [kind, ...bounds].join(", ");
}

/** A description's paragraphs. Its marks of emphasis are taken off, not turned into markup. */
function prose(text) {
  return element("div", { class: "prose" }, String(text ?? "").split(/\n\s*\n/).map((paragraph) => element("p", {}, plain(paragraph))));
}

const plain = (text) => String(text ?? "").replace(/[`*]+/g, "").replace(/\s+/g, " ").trim();
