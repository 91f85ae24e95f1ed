// Times are Dates.
export const time = (at: Date): Date => at;
