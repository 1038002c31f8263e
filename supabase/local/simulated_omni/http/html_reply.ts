import type { Reply } from "./reply.ts";

/** The page that a proxy in front of the provider shows instead of JSON. */
export function htmlReply(
  status: number,
  title: string,
  headers?: Readonly<Record<string, string>>,
): Reply {
  const body = `<!DOCTYPE html>\n<html><head><title>${status} ${title}</title></head>` +
    `<body><center><h1>${status} ${title}</h1></center><hr>nginx</body></html>\n`;
  return { status, contentType: "text/html; charset=utf-8", body, headers };
}
