/** What a text is read from: a request or a reply. */
export interface TextSource {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
}

/**
 * Reads a body as text, or returns null when it has more than `longestBytes` bytes. A body that is
 * announced as longer is not read at all, and of one that is not announced no more than that is ever
 * kept. What is not read is cancelled, so that the sender does not go on sending.
 */
export async function readLimitedText(
  { headers, body }: TextSource,
  longestBytes: number,
): Promise<string | null> {
  if (body === null) return "";
  const reader = body.getReader();
  if (Number(headers.get("content-length")) > longestBytes) return cancel(reader);
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > longestBytes) return cancel(reader);
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

// Not waited for: a sender that does not hear of it must not hold up the refusal.
function cancel(reader: ReadableStreamDefaultReader<Uint8Array>): null {
  reader.cancel().catch(() => {});
  return null;
}
