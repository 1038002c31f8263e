import type { OmniSettings } from "../../simulated_omni/omni_settings.ts";

const WISHES = [
  "tomorrow at 10 am",
  "in two hours",
  "next Monday afternoon",
  "when the weather is better",
];
const EVERY = 2;

/** What comes of simulated talks: in every second one the person asks to be called again. */
export function talkWithWishes(): OmniSettings["talk"] {
  let talks = 0;
  return (_ring, status) => {
    if (status !== "completed") return { summary: "Nobody but a machine answered" };
    talks += 1;
    const wish = talks % EVERY === 0 ? WISHES[(talks / EVERY - 1) % WISHES.length] : undefined;
    if (wish === undefined) {
      return { summary: "The agent said what it had to say", sentiment: "Positive" };
    }
    return {
      summary: `Had no time and asked to be called again: ${wish}`,
      sentiment: "Neutral",
      extractedVariables: { callback_time: wish },
    };
  };
}
