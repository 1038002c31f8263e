import { connect } from "./postgres/connect.ts";

/** Sets the secrets of these names in the database's Vault, creating those that are not there. */
export async function upsertVaultSecrets(
  databaseUrl: string,
  secrets: Record<string, string>,
): Promise<void> {
  const sql = connect(databaseUrl, { max: 1 });
  try {
    for (const [name, secret] of Object.entries(secrets)) {
      const [existing] = await sql`select id from vault.secrets where name = ${name}`;
      await (existing
        ? sql`select vault.update_secret(${existing.id}, ${secret})`
        : sql`select vault.create_secret(${secret}, ${name})`);
    }
  } finally {
    await sql.end();
  }
}
