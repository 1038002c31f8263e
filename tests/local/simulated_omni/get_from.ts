import type { SimulatedOmni } from "../../../supabase/local/simulated_omni/simulated_omni.ts";

/** Gets a path of the account's API and reads its JSON. */
export async function getFrom(
  omni: SimulatedOmni,
  path: string,
  apiKey = omni.apiKey,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  const response = await fetch(`${omni.url}/api/v1${path}`, { headers });
  return { status: response.status, json: await response.json() };
}
