import { matches } from "./pattern.ts";

export interface Role {
  allow: string[];
  deny: string[];
  extend: string[];
}

export type Policy = Map<string, Role>;

export interface Grant {
  role: string;
  /** Milliseconds since 1970; the grant counts before that moment. */
  until?: number;
}

export interface User {
  grants: Grant[];
}

export class PolicyError extends Error {
  override name = "PolicyError";
}

/** Reads a policy and checks that its roles exist and do not extend themselves. */
export function parsePolicy(source: Record<string, Partial<Role>>): Policy {
  const policy: Policy = new Map();
  for (const [name, { allow = [], deny = [], extend = [] }] of Object.entries(source)) {
    policy.set(name, { allow, deny, extend });
  }
  for (const name of policy.keys()) {
    rolesOf(policy, name);
  }
  return policy;
}

/** The role and those that it extends. */
function rolesOf(policy: Policy, name: string, above: string[] = []): Role[] {
  const role = policy.get(name);
  if (role === undefined) {
    throw new PolicyError(`there is no role ${name}`);
  }
  if (above.includes(name)) {
    throw new PolicyError(`${[...above, name].join(" extends ")}`);
  }
  return [role, ...role.extend.flatMap((other) => rolesOf(policy, other, [...above, name]))];
}

/** Whether the user may do it. */
export function can(policy: Policy, user: User, permission: string, now: number): boolean {
  const roles = user.grants
    .filter((grant) => grant.until === undefined || now <= grant.until)
    .flatMap((grant) => rolesOf(policy, grant.role));
  if (roles.some((role) => role.deny.some((pattern) => matches(pattern, permission)))) {
    return false;
  }
  return roles.some((role) => role.allow.some((pattern) => matches(pattern, permission)));
}
