/** A phone number for logs and dry runs: country code and last two digits, the rest as stars. */
export function maskNumber(number: string): string {
  if (number.length < 7) return "*".repeat(number.length);
  return number.slice(0, 3) + "*".repeat(number.length - 5) + number.slice(-2);
}
