/** Seconds as a running clock: `0:07`, `12:03`, `1:02:03`, `2 d 01:02:03`. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = `${padded(Math.floor(whole / 60) % 60)}:${padded(whole % 60)}`;
  const hours = Math.floor(whole / 3600);
  if (hours === 0) return rest.replace(/^0(?=\d)/, '');
  if (hours < 24) return `${hours}:${rest}`;
  return `${Math.floor(hours / 24)} d ${padded(hours % 24)}:${rest}`;
}

/** How long ago something was, in one unit: `7 s`, `12 min`, `3 h`, `2 d`. */
export function ageWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}
