/** The phone number of the simulated account, which `from_number_id` stands for. */
export const ownNumber = "+15550100000";
