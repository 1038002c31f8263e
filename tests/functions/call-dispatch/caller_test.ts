import assert from "node:assert/strict";
import { mayDispatch } from "../../../supabase/functions/call-dispatch/caller.ts";

const SECRET = "cron-secret-of-some-length";
const KEY = "project-secret-key";

interface Case {
  readonly name: string;
  readonly env: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly may: boolean;
}

const withSecret = { CRON_JOB_SECRET: SECRET, SUPABASE_SERVICE_ROLE_KEY: KEY };
const withoutSecret = { SUPABASE_SERVICE_ROLE_KEY: KEY };
const rotating = { CRON_JOB_SECRET: " old-secret , new-secret ", SUPABASE_SERVICE_ROLE_KEY: KEY };
const newerKeys = { SUPABASE_SECRET_KEYS: '{"default":"sb_secret_1","other":"sb_secret_2"}' };

const allowed: Omit<Case, "may">[] = [
  { name: "the secret as bearer", env: withSecret, headers: bearer(SECRET) },
  {
    name: "the secret as bearer, in any case and with more blanks",
    env: withSecret,
    headers: { authorization: `bEaReR   ${SECRET}` },
  },
  { name: "the secret in x-cron-secret", env: withSecret, headers: { "x-cron-secret": SECRET } },
  {
    name: "the secret in x-cron-secret beside another authorization",
    env: withSecret,
    headers: { authorization: "Bearer some-jwt", "x-cron-secret": SECRET },
  },
  { name: "the older of two secrets", env: rotating, headers: bearer("old-secret") },
  { name: "the newer of two secrets", env: rotating, headers: { "x-cron-secret": "new-secret" } },
  { name: "no secret set: the project's key as bearer", env: withoutSecret, headers: bearer(KEY) },
  { name: "no secret set: the key in apikey", env: withoutSecret, headers: { apikey: KEY } },
  {
    name: "no secret set: the key in x-cron-secret",
    env: withoutSecret,
    headers: { "x-cron-secret": KEY },
  },
  { name: "no secret set: a newer key", env: newerKeys, headers: { apikey: "sb_secret_2" } },
  {
    name: "a secret of blanks and commas is none: the key",
    env: { ...withoutSecret, CRON_JOB_SECRET: " , ," },
    headers: bearer(KEY),
  },
];

const refused: Omit<Case, "may">[] = [
  { name: "no header", env: withSecret, headers: {} },
  { name: "a wrong secret", env: withSecret, headers: bearer("wrong") },
  { name: "the beginning of the secret", env: withSecret, headers: bearer(SECRET.slice(0, -1)) },
  { name: "the secret and one more letter", env: withSecret, headers: bearer(`${SECRET}x`) },
  { name: "the secret in another case", env: withSecret, headers: bearer(SECRET.toUpperCase()) },
  { name: "the secret without Bearer", env: withSecret, headers: { authorization: SECRET } },
  {
    name: "the secret by another scheme",
    env: withSecret,
    headers: { authorization: `Basic ${SECRET}` },
  },
  { name: "Bearer and nothing", env: withSecret, headers: { authorization: "Bearer " } },
  { name: "the secret twice", env: withSecret, headers: bearer(`${SECRET}, ${SECRET}`) },
  { name: "an enormous header", env: withSecret, headers: bearer("x".repeat(1_000_000)) },
  { name: "the secret in apikey", env: withSecret, headers: { apikey: SECRET } },
  { name: "the project's key while a secret is set", env: withSecret, headers: bearer(KEY) },
  {
    name: "the project's key in apikey while a secret is set",
    env: withSecret,
    headers: { apikey: KEY },
  },
  {
    name: "both secrets as they are set",
    env: rotating,
    headers: bearer("old-secret , new-secret"),
  },
  { name: "neither of two secrets", env: rotating, headers: bearer("older-secret") },
  { name: "no secret set: no header", env: withoutSecret, headers: {} },
  { name: "no secret set: a wrong key", env: withoutSecret, headers: { apikey: "wrong" } },
  { name: "no secret set: an empty key", env: withoutSecret, headers: { apikey: "" } },
  { name: "nothing set: no header", env: {}, headers: {} },
  { name: "nothing set: an empty header", env: {}, headers: { "x-cron-secret": "", apikey: "" } },
  { name: "nothing set: any header", env: {}, headers: { ...bearer("undefined"), apikey: "null" } },
  {
    name: "everything set to nothing: an empty header",
    env: { CRON_JOB_SECRET: ",", SUPABASE_SERVICE_ROLE_KEY: " ", SUPABASE_SECRET_KEYS: '{"a":""}' },
    headers: { "x-cron-secret": "", apikey: "" },
  },
];

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

const cases: Case[] = [
  ...allowed.map((each) => ({ ...each, may: true })),
  ...refused.map((each) => ({ ...each, may: false })),
];
for (const { name, env, headers, may } of cases) {
  Deno.test(`caller: ${name}: ${may ? "may" : "may not"} start a run`, () => {
    assert.equal(mayDispatch(new Headers(headers), env), may);
  });
}
