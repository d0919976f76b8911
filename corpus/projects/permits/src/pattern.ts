/** Whether a pattern covers a permission. */
export function matches(pattern: string, permission: string): boolean {
  const wanted = pattern.split(":");
  const words = permission.split(":");
  for (const [index, word] of wanted.entries()) {
    if (word === "**" && index === wanted.length - 1) {
      return words.length >= index;
    }
    if (index >= words.length || (word !== "*" && word !== words[index])) {
      return false;
    }
  }
  return words.length === wanted.length;
}
