// Provinces and wards of Viet Nam, today's and by their old names, found without diacritics: the same
// files (protocol/data) and ranks as protocol/src/units.rs.

const MAX_QUERY_CHARS = 64;
const KINDS = ['phuong ', 'dac khu ', 'xa '];
const SQUEEZED_KINDS = ['thitran', 'dackhu', 'phuong', 'xa'];

/** Reads the text of vn-units.tsv: `{ provinces: [{ code, name }], wards: [{ code, province, name, folded, old }] }`. */
export function readUnits(text) {
  const rows = rowsOf(text);
  return {
    provinces: rows.filter(([kind]) => kind === 'P').map(([, code, , name]) => ({ code: Number(code), name })),
    wards: rows.filter(([kind]) => kind === 'W').map(([, code, province, name]) => (
      { code: Number(code), province: Number(province), name, folded: folded(name), old: [] })),
  };
}

/** Adds the names of vn-old-names.tsv, which are loaded when somebody asks for them. */
export function addOldNames(units, text) {
  const old = new Map(rowsOf(text).map(([code, names]) => [Number(code), names.split(',')]));
  for (const ward of units.wards) ward.old = old.get(ward.code) ?? [];
}

/** The ward of a province that is called so: by its whole name, or else, where only one is, folded, with or without its kind. */
export function namedWard({ wards }, text, province) {
  const name = text.normalize('NFC').split(/\s+/).filter((word) => word !== '').join(' ');
  const own = wards.filter((ward) => ward.province === province);
  const same = own.filter((ward) => ward.name === name);
  const wanted = folded(name);
  const found = same.length ? same : own.filter((ward) => ward.folded === wanted || shortOf(ward.folded) === wanted);
  return found.length === 1 ? found[0] : null;
}

/** The wards that somebody may mean, the likeliest first; `province` null for all. */
export function searchWards(units, text, province, limit) {
  const query = folded([...text].slice(0, MAX_QUERY_CHARS).join(''));
  if (query === '') return [];
  const squeezed = query.replaceAll(' ', '');
  const kind = SQUEEZED_KINDS.find((each) => squeezed.startsWith(each) && squeezed !== each);
  const bare = kind ? squeezed.slice(kind.length) : squeezed;
  const found = units.wards
    .filter((ward) => province === null || ward.province === province)
    .map((ward) => ({ ward, rank: rankOf(ward, query, bare) }))
    .filter(({ rank }) => rank !== null);
  found.sort((a, b) => a.rank - b.rank || a.ward.code - b.ward.code);
  return found.slice(0, limit).map(({ ward }) => ward);
}

// 0, its whole name; 1, how its name begins; 2, an old name; 3, how an old name begins; 4, anywhere in its name.
function rankOf({ folded: name, old }, query, bare) {
  const short = shortOf(name);
  if (short === query || name === query) return 0;
  if (short.startsWith(query) || name.startsWith(query)) return 1;
  if (old.includes(bare)) return 2;
  if (old.some((each) => each.startsWith(bare))) return 3;
  return name.includes(query) ? 4 : null;
}

function shortOf(name) {
  const kind = KINDS.find((each) => name.startsWith(each)) ?? '';
  return name.slice(kind.length);
}

/** A text for comparing: small letters without marks, d for đ, blanks single. */
export function folded(text) {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase()
    .split(/\s+/).filter((word) => word !== '').join(' ');
}

function rowsOf(text) {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t'));
}
