/** What log and webhook call the agent. */
export const agentName = "Simulated agent";
