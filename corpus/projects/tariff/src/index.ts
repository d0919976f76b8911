export { formatCents, parseCents, roundCents } from "./money";
export { RATES, TooHeavyError, baseRate, type Bracket, type Zone } from "./rates";
export { chargeableGrams, quote, type Parcel, type Quote, type QuoteLine, type QuoteOptions } from "./quote";
