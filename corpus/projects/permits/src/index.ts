export { matches } from "./pattern.ts";
export { PolicyError, can, parsePolicy, type Grant, type Policy, type Role, type User } from "./policy.ts";
export { issue, verify, type Claims } from "./token.ts";
