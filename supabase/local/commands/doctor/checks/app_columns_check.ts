import { type AppTable, appTables } from "../../adopt/app_tables.ts";
import { requiredColumns } from "../../adopt/required_columns.ts";
import type { Check } from "../check.ts";
import { verdict } from "../verdict.ts";

/** Whether the app's tables take what we write into them: that is asked anew, because they may change. */
export const appColumnsCheck: Check<AppTable[], "database"> = {
  name: "app's columns",
  needs: ["database"],
  read: async ({ database }) => await database.begin("read only", (tx) => appTables(tx)),
  judge(tables) {
    if (tables.length === 0) {
      return [verdict.notChecked("there are no leads and no follow_ups yet")];
    }
    const refusals = tables.flatMap(requiredColumns);
    return refusals.length > 0
      ? refusals.map(({ problem, mend }) => verdict.fault(`${problem}: ${mend}`))
      : [verdict.ok("The app's columns take what is written")];
  },
};
