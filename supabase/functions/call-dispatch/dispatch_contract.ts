/**
 * The contract with the database that this code is made for: the SQL functions that it calls, what
 * they take, return and mean. `public.dispatch_contract()` tells the database's; a run begins only
 * where both are the same. Raise both when code deployed before cannot live with a change.
 */
export const DISPATCH_CONTRACT = 3;
