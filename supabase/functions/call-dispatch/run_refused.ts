import { StoreError } from "../_shared/store_error.ts";
import { DISPATCH_CONTRACT } from "./dispatch_contract.ts";

// PostgREST: no function of that name takes these arguments. A database of before there was a number
// does not know that it is asked for one.
const UNKNOWN_FUNCTION = "PGRST202";
/** What the database raises itself, in words for the operator. */
const RAISED = "P0001";

const DATABASE_IS_OLDER =
  `The database is older than the function call-dispatch (which needs contract ${DISPATCH_CONTRACT}): ` +
  `apply the migrations with "supabase db push"`;

/**
 * Raised when the database begins no run for this function: they are not made for each other, or shadow
 * mode is on. The message says what to do.
 */
export class RunRefused extends StoreError {
  override name = "RunRefused";
  constructor(message: string) {
    super(message, false);
  }

  /** Rethrows what failed, as this where it was one. Only for what names the contract first. */
  static rethrow(failure: unknown): never {
    if (failure instanceof StoreError && failure.code === UNKNOWN_FUNCTION) {
      throw new RunRefused(DATABASE_IS_OLDER);
    }
    if (failure instanceof StoreError && failure.code === RAISED) {
      throw new RunRefused(failure.message);
    }
    throw failure;
  }
}
