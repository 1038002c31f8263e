import type { SimulatedOmni } from "../../../supabase/local/simulated_omni/simulated_omni.ts";

/** A reply to a dispatch, read to its end. */
export interface DispatchReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Record<string, unknown> | undefined;
}

interface Sent {
  /** Fields put over the good body; undefined takes one out. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Sent instead of a good body. */
  readonly rawBody?: string;
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
}

/** Sends a dispatch that is good but for what `sent` changes. */
export async function postDispatch(
  omni: SimulatedOmni,
  toNumber = "+919812345678",
  sent: Sent = {},
): Promise<DispatchReply> {
  const good = { agent_id: omni.agentId, from_number_id: omni.fromNumberId, to_number: toNumber };
  const response = await fetch(`${omni.url}/api/v1/calls/dispatch`, {
    method: "POST",
    headers: {
      "Authorization": `Bearer ${sent.apiKey ?? omni.apiKey}`,
      "Content-Type": "application/json",
    },
    body: sentOnce(sent.rawBody ?? JSON.stringify({ ...good, ...sent.fields })),
    signal: sent.signal,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/**
 * The text as a stream: newer releases of Deno send a request again by themselves when a reused
 * connection is closed without a reply, POST or not, unless its body can be read only once.
 */
function sentOnce(text: string): ReadableStream<Uint8Array> {
  return ReadableStream.from([new TextEncoder().encode(text)]);
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
