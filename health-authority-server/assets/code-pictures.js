// QR codes of pages: read from a picture that was chosen or taken, and drawn. What does it is loaded when it is needed.

const MAX_PICTURE_SIDE = 1600;
/** Modules of white around a code. */
const MARGIN = 4;
const SVG = 'http://www.w3.org/2000/svg';

/** The text of the code in a picture; throws where there is none. */
export async function readCode(picture) {
  const bitmap = await createImageBitmap(picture);
  if ('BarcodeDetector' in globalThis) {
    try {
      const found = await new BarcodeDetector({ formats: ['qr_code'] }).detect(bitmap);
      if (found.length) return found[0].rawValue;
    } catch {
      // Not every browser that has it can read these codes.
    }
  }
  const scale = Math.min(1, MAX_PICTURE_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const drawing = canvas.getContext('2d');
  drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { default: decodeQR } = await import('../../protocol/browser/vendor/qr/decode.js');
  return decodeQR(drawing.getImageData(0, 0, canvas.width, canvas.height));
}

/** An SVG element with the code of a text. */
export async function drawnCode(text) {
  const { default: encodeQR } = await import('../../protocol/browser/vendor/qr/index.js');
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: MARGIN });
  let path = '';
  rows.forEach((row, y) => row.forEach((isDark, x) => { if (isDark) path += `M${x} ${y}h1v1h-1z`; }));
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const dark = document.createElementNS(SVG, 'path');
  dark.setAttribute('d', path);
  svg.append(dark);
  return svg;
}
