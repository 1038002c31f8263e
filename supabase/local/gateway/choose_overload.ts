import { RpcError } from "./rpc_error.ts";
import type { RpcFunction } from "./rpc_function.ts";

/**
 * Picks the overload that takes exactly the arguments called `given`, as PostgREST does: none is
 * unknown to it and none that it requires is missing.
 */
export function chooseOverload(
  name: string,
  overloads: RpcFunction[],
  given: string[],
): RpcFunction {
  const fitting = overloads.filter((overload) => accepts(overload, given));
  const [only, ...others] = fitting;
  if (!only) throw notFound(name, overloads, given);
  if (others.length === 0) return only;
  throw new RpcError(300, {
    code: "PGRST203",
    message: `Could not choose the best candidate function between: ${
      fitting.map(signature).join(", ")
    }`,
    details: null,
    hint: "Try renaming the parameters or the function itself in the database so function " +
      "overloading can be resolved",
  });
}

function accepts(overload: RpcFunction, given: string[]): boolean {
  const known = new Set(overload.arguments.map((argument) => argument.name));
  const required = overload.arguments.filter((argument) => !argument.optional);
  return given.every((name) => known.has(name)) &&
    required.every((argument) => given.includes(argument.name));
}

function notFound(name: string, overloads: RpcFunction[], given: string[]): RpcError {
  const described = given.length > 0
    ? `public.${name}(${given.join(", ")})`
    : `public.${name} without parameters`;
  const [nearest] = overloads;
  return new RpcError(404, {
    code: "PGRST202",
    message: `Could not find the function ${described} in the schema cache`,
    details:
      `Searched for the function ${described}, but no matches were found in the schema cache.`,
    hint: nearest ? `Perhaps you meant to call the function ${signature(nearest)}` : null,
  });
}

function signature(overload: RpcFunction): string {
  return `public.${overload.name}(${overload.arguments.map(({ name }) => name).join(", ")})`;
}
