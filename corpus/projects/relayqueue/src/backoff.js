/** The pause before the n-th retry (counted from 1), in ms. */
export function backoff(retry, { base = 100, max = 10_000 } = {}) {
  if (!Number.isInteger(retry) || retry < 1) {
    throw new RangeError(`a retry is counted from 1, not ${retry}`);
  }
  return Math.min(max, base * 2 ** (retry - 1));
}
