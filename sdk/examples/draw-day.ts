/** Columns of `client.telemetry.series.read`, as far as a picture of them needs. */
export interface Columns {
  readonly t: readonly number[];
  readonly v: readonly (number | null)[];
  readonly gaps?: readonly (readonly number[])[];
}

export interface Day {
  readonly title: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly timeZone: string;
  /** How much a counter grew in each bucket. */
  readonly counted: Columns & { readonly stepMs: number; readonly label: string };
  /** Readings of a state: 0 off, 1 waiting, 2 running. Each holds until the next. */
  readonly state: Columns;
}

const page = { width: 960, height: 330, left: 56, right: 16, top: 58, chart: 190, band: 272, bandHeight: 16 } as const;
const states = [
  { name: 'off', fill: '#d5dae1' },
  { name: 'waiting', fill: '#e8b84a' },
  { name: 'running', fill: '#2f8f5b' },
] as const;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** An SVG: pieces a minute as a line that ends where nothing came, below it the state, hours by the clock of the shop. */
export function drawDay(day: Day): string {
  const { width, height, left, right, top, chart } = page;
  const x = (ms: number): number =>
    left +
    ((Math.min(Math.max(ms, day.fromMs), day.toMs) - day.fromMs) / (day.toMs - day.fromMs)) * (width - left - right);
  const perMinute = day.counted.v.map((value) => (value === null ? null : (value * minuteMs) / day.counted.stepMs));
  const most = niceCeiling(Math.max(1, ...perMinute.map((value) => value ?? 0)));
  const y = (value: number): number => top + chart - (value / most) * chart;
  const parts = [
    `<text x="${left}" y="24" class="title">${escapeText(day.title)}</text>`,
    ...valueAxis(most, y),
    ...hourAxis(day, x),
    ...(day.counted.gaps ?? []).map(
      ([from = 0, to = 0]) =>
        `<rect x="${round(x(from))}" y="${top}" width="${round(x(to) - x(from))}" height="${chart}" fill="url(#gap)"/>`,
    ),
    ...pathsOf({ ...day.counted, v: perMinute }, x, y),
    ...stateBand(day, x),
    ...legend(),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>${escapeText(day.title)}</title>
<style>.title{font-size:15px;font-weight:600}.grid{stroke:#e3e6ea}text{fill:#333a44}</style>
<defs><pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M0 6L6 0" stroke="#d9dde3"/></pattern></defs>
<rect width="${width}" height="${height}" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
}

/** A line for each run of buckets: a gap, a missing bucket or a missing value ends it. Steps, as a bucket is a length of time. */
function pathsOf(
  { t, v, gaps = [], stepMs }: Columns & { readonly stepMs: number },
  x: (ms: number) => number,
  y: (value: number) => number,
): string[] {
  const paths: string[] = [];
  let open = '';
  const close = (): void => {
    if (open !== '') paths.push(`<path d="${open}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>`);
    open = '';
  };
  for (const [n, startMs] of t.entries()) {
    const value = v[n] ?? null;
    const beforeMs = t[n - 1] ?? startMs;
    if (gaps.some(([from = 0, to = 0]) => from >= beforeMs && from < startMs && to >= startMs)) close();
    if (value === null) {
      close();
      continue;
    }
    const at = round(y(value));
    open += `${open === '' ? 'M' : 'L'}${round(x(startMs))} ${at}H${round(x(startMs + stepMs))}`;
  }
  close();
  return paths;
}

function valueAxis(most: number, y: (value: number) => number): string[] {
  const { left, right, width } = page;
  return [0, most / 2, most].flatMap((value) => [
    `<path d="M${left} ${round(y(value))}H${width - right}" class="grid"/>`,
    `<text x="${left - 8}" y="${round(y(value)) + 4}" text-anchor="end">${value}</text>`,
  ]);
}

/** Every three hours of the clock there: on days when it is changed they are not as far apart. */
function hourAxis({ fromMs, toMs, timeZone, counted }: Day, x: (ms: number) => number): string[] {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const { top, chart, left } = page;
  const marks: string[] = [`<text x="${left}" y="${top - 8}" fill="#667">${escapeText(counted.label)}</text>`];
  for (let ms = fromMs; ms < toMs; ms += hourMs) {
    const text = clock.format(ms);
    if (!text.endsWith(':00') || Number(text.slice(0, 2)) % 3 !== 0) continue;
    marks.push(
      `<path d="M${round(x(ms))} ${top}V${top + chart}" class="grid"/>`,
      `<text x="${round(x(ms))}" y="${top + chart + 16}" text-anchor="middle">${text}</text>`,
    );
  }
  return marks;
}

/** A state holds until the next is told; what was before the first one nobody knows. */
function stateBand({ state, toMs }: Day, x: (ms: number) => number): string[] {
  return state.t.map((fromMs, n) => {
    const untilMs = state.t[n + 1] ?? toMs;
    const { fill } = states[state.v[n] ?? 0] ?? states[0];
    return `<rect x="${round(x(fromMs))}" y="${page.band}" width="${round(x(untilMs) - x(fromMs))}" height="${page.bandHeight}" fill="${fill}"/>`;
  });
}

function legend(): string[] {
  const y = page.band + page.bandHeight + 28;
  const shown = [...states, { name: 'nothing came', fill: 'url(#gap)' }];
  return shown.flatMap(({ name, fill }, n) => [
    `<rect x="${page.left + n * 110}" y="${y - 11}" width="12" height="12" fill="${fill}"/>`,
    `<text x="${page.left + n * 110 + 18}" y="${y}">${name}</text>`,
  ]);
}

/** The next even number that halves into a whole one. */
const niceCeiling = (value: number): number => Math.ceil(value / 2) * 2;
const round = (value: number): number => Math.round(value * 10) / 10;
const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
