/** A lead as it is loaded. */
export interface NewLead {
  customer_name: string | null;
  /** E.164. */
  phone: string;
  stage: string;
  /** IANA name. */
  time_zone: string | null;
}

/** What is wrong with a row of a file. */
export interface RowFault {
  line: number;
  /** One sentence or more: each field, its value and the reason. */
  text: string;
}
