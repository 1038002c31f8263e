/** Why no local stack was found. */
export const NO_RUNNING_STACK =
  "deno task start is not running here (one that runs with --data is not found)";
