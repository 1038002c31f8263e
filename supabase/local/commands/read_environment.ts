import { parse } from "dotenv";

/**
 * The variables of this process over those of `path`, by default the file `.env` in the current
 * folder, if there is one. Empty values count as missing, so that a copied `.env.example` sets
 * nothing.
 */
export async function readEnvironment(path = ".env"): Promise<Record<string, string>> {
  const file = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const present = (variables: Record<string, string>) =>
    Object.entries(variables).filter(([, value]) => value.trim() !== "");
  return Object.fromEntries([...present(parse(file)), ...present(Deno.env.toObject())]);
}
