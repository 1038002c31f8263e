const MS_PER_CLOCK_TICK = 10;

interface ProcessTime {
  parent: number;
  /** Its own and that of its children that have ended, user and system, in ms. */
  cpuMs: number;
}

/** User and system time so far of a process and all that it has started, in ms; Linux only. */
export async function familyCpuMs(pid: number): Promise<number> {
  const times = new Map<number, ProcessTime>();
  for await (const { name } of Deno.readDir("/proc")) {
    const time = /^\d+$/.test(name) ? await processTime(name) : null;
    if (time !== null) times.set(Number(name), time);
  }
  const family = new Set([pid]);
  // A child may be listed before its parent: once more until nobody joins.
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const [member, { parent }] of times) if (family.has(parent)) family.add(member);
  }
  return [...family].reduce((sum, member) => sum + (times.get(member)?.cpuMs ?? 0), 0);
}

async function processTime(pid: string): Promise<ProcessTime | null> {
  // One that ends meanwhile counts with its parent.
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => null);
  if (stat === null) return null;
  // The command's name, in parentheses, may hold spaces: count the fields after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return { parent: fields[1] ?? 0, cpuMs: ticks * MS_PER_CLOCK_TICK };
}
