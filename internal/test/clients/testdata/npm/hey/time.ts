// Times are strings.
export const time = (at: Date): string => at.toISOString();
