// How numbers are written on the map: as the server writes them (words.py), because both stand on one page.
export const count = (n) => Math.round(n).toLocaleString("en-US");

export function short(n) { // 4 figures are told whole, more in thousands and millions
  if (n >= 1e6) return trimmed(n / 1e6) + "M";
  return n >= 1e4 ? trimmed(n / 1e3) + "k" : count(n);
}

export function duration(seconds) {
  if (seconds == null) return "unmeasured";
  const size = Math.abs(seconds), sign = seconds < 0 ? "−" : "";
  if (size < 1) return sign + (size && size < 0.0009995 ? `${Math.round(size * 1e6)} µs` : `${Math.round(size * 1000)} ms`);
  if (size < 90) return `${sign}${trimmed(size)} s`;
  if (size < 5400) return `${sign}${Math.round(size / 60)} min`;
  return size < 129600 ? `${sign}${trimmed(size / 3600)} h` : `${sign}${trimmed(size / 86400)} d`;
}

/** A sum to three figures, as 2.31 M EUR. */
export function money(amount, currency) {
  const size = Math.abs(amount);
  for (const [unit, least] of [[" bn", 1e9], [" M", 1e6], [" k", 1e3]])
    if (size >= least * 0.9995) return `${+(amount / least).toPrecision(3)}${unit} ${currency}`.trim();
  return `${count(amount)} ${currency}`.trim();
}

export function share(part, whole) {
  if (!whole) return "–";
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  if (percent > 99.9 && percent < 100) return "> 99.9 %";
  return (percent > 0 && percent < 1) || (percent > 99 && percent < 100) ? percent.toFixed(1) + " %" : Math.round(percent) + " %";
}

export const counted = (n, word) => `${count(n)} ${n === 1 ? word : word + "s"}`;

const trimmed = (n) => n.toFixed(1).replace(/\.0$/, "");
