/** Marks of the stand-ins on what they make; the real operators have none of them. */
export const marks = {
  standIn: "zero-touch-postgres/stand-in",
  /** Where the server listens: the Service's name resolves to nothing where there is no kubelet. */
  address: "stand-in.zero-touch-postgres/address",
} as const;
