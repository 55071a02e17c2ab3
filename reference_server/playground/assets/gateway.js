// The gateway as the page knows it: its address, the token, the models, and the calls.

const KEY = "audio-gateway-token";

export const gateway = { origin: location.origin, basePath: "", paths: {}, maxUploadBytes: 0, token: "", models: [] };

const listeners = new Set();

/** Has `listener` called whenever the models that the token may use are known anew. */
export function onModels(listener) {
  listeners.add(listener);
}

export async function load() {
  const about = await (await fetch("/playground/about.json")).json();
  gateway.basePath = about.base_path;
  gateway.paths = about.paths;
  gateway.maxUploadBytes = about.max_upload_bytes;
  gateway.token = tokenOfAddress() ?? sessionStorage.getItem(KEY) ?? "";
}

/** A token behind the `#` of the address: it is taken over, and the address is cleared of it. */
function tokenOfAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (found !== null) {
    history.replaceState(null, "", location.pathname);
    sessionStorage.setItem(KEY, found);
  }
  return found;
}

export function setToken(token) {
  gateway.token = token.trim();
  sessionStorage.setItem(KEY, gateway.token);
}

export function authorized(headers = {}) {
  return gateway.token ? { ...headers, Authorization: `Bearer ${gateway.token}` } : headers;
}

/** Asks for the models: whether the token is good, and what to offer. Returns a sentence about it. */
export async function refreshModels() {
  gateway.models = [];
  let said = "Enter a token of this gateway.";
  if (gateway.token) {
    try {
      const response = await fetch(`${gateway.basePath}/models`, { headers: authorized() });
      if (response.ok) gateway.models = (await response.json()).data;
      said = response.ok ? `Valid: ${gateway.models.length} models.` : "This token is not valid.";
    } catch {
      said = "The gateway cannot be reached.";
    }
  }
  for (const listener of listeners) listener();
  return said;
}

export const modelsFor = (operation) =>
  gateway.models.filter((model) => model.operations.includes(operation)).map((model) => model.id);

export const urlOf = (operation) => `${gateway.basePath}${gateway.paths[operation]}`;

/** Sends a request, and gives what came as a value. Throws only when there was no response at all. */
export async function send(url, options) {
  const began = performance.now();
  const response = await fetch(url, { method: "POST", ...options, headers: authorized(options.headers) });
  const bytes = await response.arrayBuffer();
  return {
    status: response.status,
    ok: response.ok,
    seconds: (performance.now() - began) / 1000,
    mediaType: response.headers.get("content-type") ?? "",
    requestId: response.headers.get("x-request-id") ?? "",
    source: response.headers.get("x-mock-transcript"),
    bytes,
  };
}

export function jsonOf(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
