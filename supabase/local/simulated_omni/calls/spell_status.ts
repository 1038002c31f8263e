import type { CallStatus } from "./call_status.ts";
import type { OmniSettings } from "../omni_settings.ts";

/** A call's status as one of the provider's surfaces spells it. */
export function spellStatus(
  status: CallStatus,
  spelling: OmniSettings["statusSpelling"],
): string {
  switch (spelling) {
    case "snake":
      return status;
    case "kebab":
      return status.replaceAll("_", "-");
    case "title":
      return status.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(
        " ",
      );
  }
}
