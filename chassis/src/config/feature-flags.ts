/** `FEATURE_PRICING_ENGINE=false` switches a feature off for the whole installation; an unset flag is on. */
export function featureFlags(env: Readonly<Record<string, string | undefined>>): (flag: string) => boolean {
  const off = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('FEATURE_') && (value === 'false' || value === '0' || value === 'off')) off.add(name);
  }
  return (flag) => !off.has(flag);
}
