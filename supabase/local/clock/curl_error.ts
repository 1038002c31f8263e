const CAUSES: [RegExp, string][] = [
  [/refused|tcp connect error|unreachable/i, "Couldn't connect to server"],
  [/dns error|failed to lookup|name resolution/i, "Couldn't resolve host name"],
  [/certificate|UnknownIssuer|tls/i, "SSL peer certificate or SSH remote key was not OK"],
  [/scheme|protocol/i, "Unsupported protocol"],
  [/before message completed|reset|closed/i, "Server returned nothing (no headers, no data)"],
];

/**
 * What pg_net notes of a request that failed: curl's own words for the kind of failure, which unlike
 * those of `fetch` never repeat the address.
 */
export function curlError(error: unknown): string {
  const said = allMessages(error).replaceAll(/\w+:\/\/\S+/g, "");
  const cause = CAUSES.find(([pattern]) => pattern.test(said));
  return cause?.[1] ?? "Failure when receiving data from the peer";
}

function allMessages(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message} ${error.cause === undefined ? "" : allMessages(error.cause)}`;
}
