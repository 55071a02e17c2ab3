// Sound: what the browser can play of what the gateway sends, and its samples for the waveform.

const PCM_RATE = 24_000;

/** The bytes as a blob that a player takes: headerless samples get a header. */
export function playable(bytes, mediaType) {
  const kind = mediaType.split(";")[0].trim().toLowerCase();
  if (kind === "audio/pcm" || kind === "audio/l16") return wav(new Int16Array(bytes.slice(0, bytes.byteLength & ~1)), PCM_RATE);
  return new Blob([bytes], { type: kind });
}

/** The samples of a blob, null where the browser cannot decode it. */
export async function decoded(blob) {
  const context = new OfflineAudioContext(1, 1, 44_100);
  try {
    return await context.decodeAudioData(await blob.arrayBuffer());
  } catch {
    return null;
  }
}

/** A player of a blob. Where the browser decodes a format but has no player for it, it plays the samples instead. */
export function player(blob, buffer, url) {
  const audio = document.createElement("audio");
  audio.controls = true;
  audio.preload = "metadata";
  audio.src = url.of(blob);
  audio.addEventListener("error", () => {
    if (buffer !== null) audio.src = url.of(wavOf(buffer));
  }, { once: true });
  return audio;
}

function wavOf(buffer) {
  const samples = buffer.getChannelData(0);
  return wav(Int16Array.from(samples, (one) => Math.max(-1, Math.min(1, one)) * 32_767), buffer.sampleRate);
}

function wav(samples, rate) {
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, word) => [...word].forEach((letter, index) => header.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + samples.byteLength, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, rate * 2, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, samples.byteLength, true);
  return new Blob([header, samples], { type: "audio/wav" });
}
