/** A form in which `requestId` may come although only the integer is documented. */
export type RequestIdForm = "missing" | "null" | "string" | "float" | "huge" | "negative";

/** The member `,"requestId":…` as JSON text: no JavaScript number can hold every form. */
export function requestIdText(form: RequestIdForm, requestId: number): string {
  switch (form) {
    case "missing":
      return "";
    case "null":
      return `,"requestId":null`;
    case "string":
      return `,"requestId":"${requestId}"`;
    case "float":
      return `,"requestId":${requestId}.5`;
    case "huge":
      return `,"requestId":${requestId}00000000000000000001`;
    case "negative":
      return `,"requestId":-${requestId}`;
  }
}
