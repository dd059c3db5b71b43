// The colours of runs. A run keeps its own, whatever else is chosen, and the address keeps it for a reload or a link.

/** Neighbours differ in hue by an angle that comes round late, and in lightness. */
const ANGLE = 35;
const LIGHT = [0.42, 0.54, 0.62];
const DARK = [0.6, 0.72, 0.84];
const FIRST_HUE = 255;
const MOST_NUMBER = 999;

/** The number of each run's colour, by the run's id. */
const numbers = new Map();

const taken = number => [...numbers.values()].includes(number);

/** The number of a run's colour: as it was, or else the one that is wished for, or else the lowest that is free. */
export function numberOf(id, wished) {
  if (!numbers.has(id)) {
    const free = Number.isInteger(wished) && wished >= 0 && wished <= MOST_NUMBER && !taken(wished);
    let number = free ? wished : 0;
    while (taken(number)) {
      number++;
    }
    numbers.set(id, number);
  }
  return numbers.get(id);
}

/** The colour of a number for the light and the dark scheme: 3 to 1 or more against either page. */
export function color(number) {
  const hue = (FIRST_HUE + ANGLE * number) % 360;
  const band = number % LIGHT.length;
  return `light-dark(oklch(${LIGHT[band]} 0.15 ${hue}), oklch(${DARK[band]} 0.13 ${hue}))`;
}
