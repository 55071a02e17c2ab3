// Reads a form as it was sent, from its bytes: what the inspector shows of an upload.

const BREAK = [13, 10];

/** The parts `{name, fileName, mediaType, bytes}` of a multipart body; null where it cannot be read. */
export function parts(bytes, mediaType) {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(mediaType);
  if (!/^multipart\/form-data/i.test(mediaType) || boundary === null) return null;
  const fence = new TextEncoder().encode(`--${boundary[1] ?? boundary[2]}`);
  const found = [];
  let at = indexOf(bytes, fence, 0);
  while (at >= 0) {
    const next = indexOf(bytes, fence, at + fence.length);
    if (next < 0) break;
    const part = partOf(bytes.subarray(at + fence.length + BREAK.length, next - BREAK.length));
    if (part !== null) found.push(part);
    at = next;
  }
  return found.length ? found : null;
}

function partOf(bytes) {
  const end = indexOf(bytes, [...BREAK, ...BREAK], 0);
  if (end < 0) return null;
  const head = new TextDecoder().decode(bytes.subarray(0, end));
  const parameter = (name) => new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, "i").exec(head)?.[1] ?? null;
  return {
    name: parameter("name") ?? "",
    fileName: parameter("filename"),
    mediaType: /^content-type:\s*(.*)$/im.exec(head)?.[1].trim() ?? "",
    bytes: bytes.subarray(end + 4),
  };
}

function indexOf(bytes, wanted, from) {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same += 1;
    if (same === wanted.length) return at;
  }
  return -1;
}
