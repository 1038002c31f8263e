import assert from "node:assert/strict";
import { familyCpuMs } from "./family_cpu_ms.ts";

Deno.test({
  name:
    "family cpu: what a child and its children have spent counts, while they run and afterwards",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const busy = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done";
    await using parent = new Deno.Command("sh", {
      args: ["-c", `sh -c '${busy}; echo; read line'; echo; read line`],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = parent.stdout.getReader();
    const input = parent.stdin.getWriter();
    await lines.read();
    const running = await familyCpuMs(parent.pid);
    await input.write(new TextEncoder().encode("\n"));
    await lines.read();
    const ended = await familyCpuMs(parent.pid);
    assert.ok(running >= 10, `${running} ms while the child ran`);
    assert.ok(ended >= running, `${ended} ms after it, ${running} ms before`);
    await input.close();
    await lines.cancel();
  },
});
