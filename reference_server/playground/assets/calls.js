// A call as a value: what the form asks for, before it is sent or shown as code.

import { urlOf } from "./gateway.js";

/** `fields` in their order, those that are empty left out; `file` for the operations that take a recording. */
export function call(operation, fields, file = null) {
  const given = fields.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return { operation, url: urlOf(operation), fields: given, file };
}

/** What fetch needs to send it. */
export function requestOf({ fields, file }) {
  if (file === null) {
    return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(Object.fromEntries(fields)) };
  }
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, String(value));
  form.append("file", file, file.name);
  return { body: form };
}
