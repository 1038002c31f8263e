import { z } from "zod";
import { EXIT_CODE } from "../exit_code.ts";
import type { Terminal } from "../terminal.ts";
import { invokeFunction, type InvokeFunctionOptions, type InvokeReply } from "./invoke_function.ts";
import type { ProjectAccess } from "./project_access.ts";
import { showReply } from "./show_reply.ts";

/** Asks the project's function and tells what it replied; returns the code to end with. */
export async function invokeAndTell(
  access: ProjectAccess,
  options: InvokeFunctionOptions,
  terminal: Terminal,
): Promise<number> {
  const reply = await invokeFunction(access, options);
  showReply(reply, terminal);
  terminal.result(reply.body);
  return exitCode(reply);
}

function exitCode({ httpStatus, body }: InvokeReply): number {
  if (z.looseObject({ ok: z.literal(true) }).safeParse(body).success) return EXIT_CODE.ok;
  // Refused before it began: the caller, the request or the configuration has to change.
  const couldNotBegin = httpStatus === 500 || (httpStatus >= 400 && httpStatus < 500);
  return couldNotBegin ? EXIT_CODE.usage : EXIT_CODE.notOk;
}
