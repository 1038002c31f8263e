import type { Check } from "../check.ts";
import type { Untold } from "../omni/omni_account.ts";
import { verdict } from "../verdict.ts";

/** What Omni says of the number. */
interface Facts {
  numberId: number;
  reading: { kind: "found" } | Untold;
}

/** Whether the number that is to ring is one of the account's. */
export const omniNumberCheck: Check<Facts, "omni"> = {
  name: "Omni's number",
  needs: ["omni"],
  read: async ({ omni }) => ({ numberId: omni.fromNumberId, reading: await omni.findNumber() }),
  judge({ numberId, reading }) {
    switch (reading.kind) {
      case "found":
        return [verdict.ok(`The number with the id ${numberId} is there`)];
      case "absent":
        return [verdict.fault(
          `Omni has no number with the id ${numberId} in this account: set OMNI_FROM_NUMBER_ID to an ` +
            "id, which is no phone number",
        )];
      case "unauthorized":
        return [verdict.notChecked("could not be told: Omni refuses the key")];
      case "untold":
        return [verdict.notChecked(`could not be told: ${reading.why}`)];
    }
  },
};
