/** The processes that `pid` has started, and those that they have started. */
export async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid="] }).output();
  const pairs = new TextDecoder().decode(stdout).trim().split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number): number[] =>
    pairs.flatMap(([child, itsParent]) =>
      child !== undefined && itsParent === parent ? [child, ...childrenOf(child)] : []
    );
  return childrenOf(pid);
}
