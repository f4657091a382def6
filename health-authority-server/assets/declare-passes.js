// Passes on the page: the live one with its time, the sheet of printed ones, its picture for a print shop.

import { element, now, text, timeText } from './page.js';

const SVG = 'http://www.w3.org/2000/svg';
const LIVE = 1;
const PRINTED = 2;
const RENEWAL_MILLISECONDS = 30_000;
const DAY_SECONDS = 86_400;
/** The picture of a sheet: A4 at 200 dots an inch, three codes in a row. */
const DOTS = 200 / 25.4;
const PAGE_MM = [210, 297];
const CODE_MM = 52;
const COLUMNS = 3;

let renewing = null;

/** The last day on which the passes of a declaration are valid, as Unix seconds of its noon. */
function lastDay({ day, validDays, minutesAhead }) {
  return (day + validDays - 1) * DAY_SECONDS - minutesAhead * 60 + DAY_SECONDS / 2;
}

/** A day in full: the order of numbers alone is not everyone's. */
export function longDay(seconds) {
  return timeText(seconds, { day: 'numeric', month: 'long', year: 'numeric' });
}

/** For people. */
export function lastDayText(sent) {
  return longDay(lastDay(sent));
}

export function isOver(sent) {
  return now() >= lastDay(sent) + DAY_SECONDS / 2;
}

/** Shows the live pass that is next, and renews it until `hidePass`. `run` is the worker. */
export async function showPass(sent, run) {
  hidePass();
  const passes = sent.passes.filter(({ kind }) => kind === LIVE);
  const number = sent.next % passes.length;
  element('pass-name').textContent = sent.label;
  element('pass-days').textContent = isOver(sent) ? text('over') : text('valid', { day: lastDayText(sent) });
  element('pass-count').textContent = sent.next < passes.length
    ? text('pass-count', { number: number + 1, count: passes.length })
    : text('pass-all', { count: passes.length });
  const renew = async () => {
    const at = now();
    const picture = await run('show', { pass: passes[number].pass, seed: passes[number].seed, now: at });
    element('pass-code').replaceChildren(drawing(picture));
    const time = timeText(at, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
    element('pass-time').textContent = text('pass-time', { time, count: RENEWAL_MILLISECONDS / 1000 });
  };
  await renew();
  renewing = setInterval(() => renew().catch(console.error), RENEWAL_MILLISECONDS);
}

/** From now on no code is shown. */
export function hidePass() {
  clearInterval(renewing);
  renewing = null;
  element('pass-code').replaceChildren();
}

/** Pictures of the printed passes of a declaration. */
function printed(sent, run) {
  return run('sheet', { passes: sent.passes.filter(({ kind }) => kind === PRINTED).map(({ pass }) => pass) });
}

/** Prints the sheet of a declaration. */
export async function printSheet(sent, run) {
  const pictures = await printed(sent, run);
  const title = document.createElement('h1');
  title.textContent = `${text('sheet-title')} · ${sent.label}`;
  const words = document.createElement('p');
  words.textContent = text('sheet-text', { day: lastDayText(sent) });
  const codes = document.createElement('div');
  codes.className = 'codes';
  codes.append(...pictures.map(drawing));
  element('sheet').replaceChildren(title, words, codes);
  print();
}

/** The sheet of a declaration as a PNG file. */
export async function downloadSheet(sent, run) {
  const pictures = await printed(sent, run);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = PAGE_MM.map((length) => Math.round(length * DOTS));
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#000';
  pen.font = `bold ${Math.round(6 * DOTS)}px sans-serif`;
  pen.fillText(`${text('sheet-title')} · ${sent.label}`, 15 * DOTS, 18 * DOTS, 180 * DOTS);
  pen.font = `${Math.round(4.5 * DOTS)}px sans-serif`;
  pen.fillText(text('sheet-text', { day: lastDayText(sent) }), 15 * DOTS, 26 * DOTS, 180 * DOTS);
  pictures.forEach(({ size, path }, i) => {
    const module = Math.floor((CODE_MM * DOTS) / size);
    const left = Math.round((15 + (i % COLUMNS) * 62) * DOTS);
    const top = Math.round((34 + Math.floor(i / COLUMNS) * 63) * DOTS);
    pen.save();
    pen.translate(left, top);
    pen.scale(module, module);
    pen.fill(new Path2D(path));
    pen.restore();
  });
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  save(blob, `${text('sheet-title')}.png`);
}

/** Has the browser save a file. */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function drawing({ size, path }) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const modules = document.createElementNS(SVG, 'path');
  modules.setAttribute('d', path);
  svg.append(modules);
  return svg;
}
