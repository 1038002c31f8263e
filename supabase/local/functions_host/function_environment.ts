// What Deno itself needs to find its cache and to trust the certificates that the user trusts.
const FOR_DENO = [
  ...["PATH", "HOME", "USERPROFILE", "SystemRoot", "TEMP", "TMP", "TMPDIR"],
  ...["DENO_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA", "NPM_CONFIG_REGISTRY"],
  ...["DENO_TLS_CA_STORE", "DENO_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
];

/**
 * The whole environment of a function's process: what it was given, and the little that Deno needs.
 * Nothing else of ours is handed on, so that a function cannot live on a variable it was not given.
 */
export function functionEnvironment(given: Record<string, string>): Record<string, string> {
  const forDeno = FOR_DENO.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(forDeno), NO_COLOR: "1", ...given };
}
