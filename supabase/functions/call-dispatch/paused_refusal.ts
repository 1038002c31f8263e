/** The refusal that `preview_dispatch` gives to what only `dispatch_settings.paused` keeps from being called. */
export const PAUSED_REFUSAL = "Paused: dispatch_settings.paused is true";
