import assert from "node:assert/strict";
import {
  identifyReporter,
  type Reporter,
} from "../../../supabase/functions/call-ended/reporter.ts";
import { AGENT_SECRET, GOOD_ENVIRONMENT, SIGNING_SECRET } from "./good_environment.ts";
import { addressOf, ATTEMPT_ID, URL_OF_FUNCTION } from "./start_handler.ts";

const OTHER_ATTEMPT_ID = "5c9d1d7e-2f60-4c1e-8a44-0f2f6f1f9b11";
const OLD_SECRET = "old-0123456789abcdef0123456789abcdef";

const ofCall: Reporter = { kind: "call", attemptId: ATTEMPT_ID };
const ofAgent: Reporter = { kind: "agent" };
const token = new URL(addressOf()).searchParams.get("token") ?? "";

interface Case {
  readonly name: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly reporter: Reporter | null;
}

function signed(attemptId: string, secret: string): string {
  return new URL(addressOf(attemptId, secret)).search;
}

const byToken: Case[] = [
  { name: "the signed address", query: signed(ATTEMPT_ID, SIGNING_SECRET), reporter: ofCall },
  {
    name: "the signed address where there is no agent's secret",
    query: signed(ATTEMPT_ID, SIGNING_SECRET),
    env: { CALL_ENDED_SECRET: SIGNING_SECRET },
    reporter: ofCall,
  },
  {
    name: "the older of two secrets that sign",
    query: signed(ATTEMPT_ID, OLD_SECRET),
    env: { CALL_ENDED_SECRET: `${SIGNING_SECRET}, ${OLD_SECRET}` },
    reporter: ofCall,
  },
  {
    name: "the newer of two secrets that sign",
    query: signed(ATTEMPT_ID, SIGNING_SECRET),
    env: { CALL_ENDED_SECRET: `${SIGNING_SECRET}, ${OLD_SECRET}` },
    reporter: ofCall,
  },
  {
    name: "a secret that signs no longer",
    query: signed(ATTEMPT_ID, OLD_SECRET),
    reporter: null,
  },
  {
    name: "the token of another attempt",
    query: `?attempt=${OTHER_ATTEMPT_ID}&token=${token}`,
    reporter: null,
  },
  {
    name: "the attempt in capitals, for which nothing was signed",
    query: `?attempt=${ATTEMPT_ID.toUpperCase()}&token=${token}`,
    reporter: null,
  },
  { name: "an empty token", query: `?attempt=${ATTEMPT_ID}&token=`, reporter: null },
  { name: "no token", query: `?attempt=${ATTEMPT_ID}`, reporter: null },
  { name: "a token without an attempt", query: `?token=${token}`, reporter: null },
  {
    name: "half a token",
    query: `?attempt=${ATTEMPT_ID}&token=${token.slice(0, 32)}`,
    reporter: null,
  },
  {
    name: "the secret itself as token",
    query: `?attempt=${ATTEMPT_ID}&token=${SIGNING_SECRET}`,
    reporter: null,
  },
  {
    name: "an attempt that is no id, though it was signed",
    query: signed("leads", SIGNING_SECRET),
    reporter: null,
  },
  {
    name: "a token that was signed with nothing, where nothing is set",
    query: signed(ATTEMPT_ID, "undefined"),
    env: {},
    reporter: null,
  },
  {
    name: "a token that was signed with the agent's secret",
    query: signed(ATTEMPT_ID, AGENT_SECRET),
    reporter: null,
  },
];

const bySecret: Case[] = [
  { name: "the agent's secret in the query", query: `?secret=${AGENT_SECRET}`, reporter: ofAgent },
  {
    name: "the agent's secret as bearer",
    headers: { authorization: `bearer  ${AGENT_SECRET}` },
    reporter: ofAgent,
  },
  {
    name: "the agent's secret in x-call-ended-secret",
    headers: { "x-call-ended-secret": AGENT_SECRET },
    reporter: ofAgent,
  },
  {
    name: "the agent's secret beside a token that is wrong",
    query: `?attempt=${OTHER_ATTEMPT_ID}&token=${token}&secret=${AGENT_SECRET}`,
    reporter: ofAgent,
  },
  {
    name: "the agent's secret beside a token that is right",
    query: `?attempt=${ATTEMPT_ID}&token=${token}&secret=${AGENT_SECRET}`,
    reporter: ofCall,
  },
  {
    name: "the older of two of the agent's secrets",
    query: `?secret=${OLD_SECRET}`,
    env: { CALL_ENDED_AGENT_SECRET: `${AGENT_SECRET},${OLD_SECRET}` },
    reporter: ofAgent,
  },
  { name: "the secret that signs", query: `?secret=${SIGNING_SECRET}`, reporter: null },
  {
    name: "the secret that signs, where there is no agent's secret",
    headers: { "x-call-ended-secret": SIGNING_SECRET, authorization: `Bearer ${SIGNING_SECRET}` },
    env: { CALL_ENDED_SECRET: SIGNING_SECRET },
    reporter: null,
  },
  { name: "an empty secret", query: "?secret=", reporter: null },
  {
    name: "an empty secret, where the variables are empty",
    query: "?secret=&token=&attempt=",
    headers: { "x-call-ended-secret": "" },
    env: { CALL_ENDED_SECRET: " , ", CALL_ENDED_AGENT_SECRET: "" },
    reporter: null,
  },
  {
    name: "both secrets as they are set",
    query: `?secret=${encodeURIComponent(`${AGENT_SECRET},${OLD_SECRET}`)}`,
    env: { CALL_ENDED_AGENT_SECRET: `${AGENT_SECRET},${OLD_SECRET}` },
    reporter: null,
  },
  {
    name: "the project's key",
    headers: { authorization: "Bearer service-key", apikey: "service-key" },
    reporter: null,
  },
  {
    name: "the agent's secret by another scheme",
    query: "",
    reporter: null,
    headers: {
      authorization: `Basic ${AGENT_SECRET}`,
    },
  },
  { name: "nothing", reporter: null },
  { name: "nothing, where nothing is set", env: {}, reporter: null },
  { name: "a secret of a megabyte", query: `?secret=${"x".repeat(1e6)}`, reporter: null },
];

for (
  const { name, query = "", headers, env = GOOD_ENVIRONMENT, reporter } of [...byToken, ...bySecret]
) {
  Deno.test(`reporter: ${name} is ${reporter?.kind ?? "nobody"}`, () => {
    const request = { url: `${URL_OF_FUNCTION}${query}`, headers: new Headers(headers) };
    assert.deepEqual(identifyReporter(request, env), reporter);
  });
}
