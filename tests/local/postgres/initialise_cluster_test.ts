import assert from "node:assert/strict";
import { join } from "node:path";
import { initialiseCluster } from "../../../supabase/local/postgres/initialise_cluster.ts";
import { temporaryFolder } from "../commands/temporary_folder.ts";

Deno.test({
  name: "initialiseCluster: one of another user is refused, and it says whose it is",
  // Nobody else can give a folder away.
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  async fn() {
    await using folder = await temporaryFolder();
    const clusterDirectory = join(folder.path, "cluster");
    await Deno.mkdir(clusterDirectory, { mode: 0o700 });
    await Deno.writeTextFile(join(clusterDirectory, "kept"), "");
    await Deno.chown(clusterDirectory, 4_000_000, 4_000_000);
    const place = {
      binDirectory: "/nowhere",
      dataDirectory: folder.path,
      clusterDirectory,
      user: { name: "root", uid: 0, gid: 0 },
    };
    await assert.rejects(
      initialiseCluster(place, "password"),
      /it belongs to the user 4000000, and PostgreSQL runs as the user root here\. Start it as/,
    );
    assert.ok(await Deno.stat(join(clusterDirectory, "kept")));
  },
});
