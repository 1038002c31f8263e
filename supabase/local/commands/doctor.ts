// deno task doctor: what is wrong with the installation, and what to do.
import { DOCTOR_HELP } from "./doctor/doctor_help.ts";
import { parseDoctorOptions } from "./doctor/doctor_options.ts";
import { runDoctor } from "./doctor/run_doctor.ts";
import { EXIT_CODE } from "./exit_code.ts";
import { runCommand } from "./run_command.ts";
import { openTerminal } from "./terminal.ts";

await runCommand(async () => {
  const options = parseDoctorOptions(Deno.args);
  if (options !== "help") return await runDoctor(options, openTerminal(options));
  console.log(DOCTOR_HELP);
  return EXIT_CODE.ok;
});
