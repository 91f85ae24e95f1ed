// Times are Dates.
export const time = (at: Date): Date => at;

// revive makes Dates of times, as JSON.parse asks it to.
export const revive = (_: string, value: unknown): unknown =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+]00:00)$/.test(value) ? new Date(value) : value;
