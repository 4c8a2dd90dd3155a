/** The steps between which the stories of the built-in Set Designer lie. */

/** The clock before anything has happened. */
export const BEGINNING = 100;
/** The clock at the origin. */
export const ORIGIN = 120;
