// A door at work: judges what is shown, knows again what was used, seals who was there at once, and
// stores it. What was scanned is forgotten with the call.

import { fromHex, utf8 } from '../../protocol/browser/bytes.js';
import { CARD, CONTACT, DoorDay, IN, LEFT, PASS, isCard, readCardCode, sealContact, sealStay } from '../../protocol/browser/door.js';
import { normalisedPhone } from '../../protocol/browser/form.js';
import { intakeKeyFor } from '../../protocol/browser/intake.js';
import { readNational } from '../../protocol/browser/national.js';
import { judge, localDay, readCode } from '../../protocol/browser/pass.js';
import { verifyPayload } from '../../protocol/browser/poster.js';
import { masterOf } from '../../protocol/browser/stay.js';
import { coded } from './venue-door-keys.js';
import { randomName } from './venue-door-send.js';
import { entries, get, put, removalOf } from './venue-door-store.js';

const DAY_SECONDS = 86_400;
const MAX_CODE_CHARACTERS = 2048;
const MAX_NAME_BYTES = 170;
const MAX_COMPANIONS = 99;
/** A code that is seen again within this time was not taken away. */
const SAME_MILLISECONDS = 3000;
const NOTHING = { text: null, tag: null, at: -Infinity };

/** One door, for one unit; another day of it is begun by itself. */
export class Desk {
  /** Throws with a code: no-poster, or that of the poster. */
  static async open(unit, setup, keys, now) {
    const found = setup.units.find((one) => one.unit === unit);
    if (!found?.payload) throw coded('no-poster');
    const desk = new Desk();
    Object.assign(desk, { unit, name: found.name, venue: setup.venue.id, province: setup.province, today: null, last: NOTHING });
    try {
      desk.poster = verifyPayload(fromHex(found.payload, found.payload.length / 2), keys.document.venue_keys ?? [], now);
    } catch (error) {
      throw coded(error.code === 'expired' || error.code === 'not-yet-valid' ? 'no-poster' : 'poster', error);
    }
    desk.master = masterOf(desk.poster);
    desk.keys = keys;
    await desk.beginDay(now);
    return desk;
  }

  /** Goes on with what was stored of this day, or begins it and removes what was before. */
  async beginDay(now) {
    const today = localDay(this.keys.passes.minutesAhead, now);
    if (today === this.today) return;
    const names = [`day-${this.unit}`, `seen-${this.unit}-`, `hours-${this.unit}-`];
    const stored = await get(names[0]);
    if (stored?.day === today) {
      const [seen, hours] = await Promise.all(names.slice(1).map((prefix) => entries(prefix)));
      const last = ([key, value]) => [key.slice(key.lastIndexOf('-') + 1), value];
      this.day = new DoorDay({
        key: stored.key, seen: seen.map(last), hours: hours.map(last).map(([hour, counts]) => [Number(hour), counts]),
      });
    } else {
      this.day = new DoorDay();
      await put({ ...await removalOf(names), [names[0]]: { day: today, key: this.day.key } });
    }
    this.today = today;
  }

  /** Whether the door may work: keys and poster count still. */
  isExpired(now) {
    const { document, passes } = this.keys;
    return now >= document.expires_at || now >= passes.expiresAt || Math.floor(now / DAY_SECONDS) >= this.poster.expires;
  }

  /**
   * What a text means: `{ verdict, … }` and, where something is to be stored, `store`. `at` is milliseconds of a
   * clock that nobody sets; `repeated` says that it is the showing of before: a live code is another text every 30 s.
   */
  scan(text, now, companions, at) {
    const code = text.trim();
    if (at - this.last.at >= SAME_MILLISECONDS) this.last = NOTHING;
    if (code === this.last.text) return this.again(code, at);
    const { tag, store, ...result } = this.judge(code, now, companions, at);
    if (!result.repeated) this.last = { text: code, tag, at, result };
    return { ...result, store };
  }

  again(text, at) {
    this.last = { ...this.last, text, at };
    return { ...this.last.result, repeated: true };
  }

  judge(code, now, companions, at) {
    if (this.isExpired(now)) return { verdict: 'keys-expired' };
    if (code.length > MAX_CODE_CHARACTERS) return { verdict: 'unreadable' };
    if (code.startsWith('VXP1:')) return this.judgePass(code, now, companions, at);
    if (code.startsWith('VXC1:')) return this.judgeCard(code, now, companions, at);
    if (/\/v\/?(\?[^#]*)?#/.test(code)) return { verdict: 'poster' };
    try {
      const { name, phone } = readNational(code);
      return { verdict: 'contact', name, phone: phone ?? '' };
    } catch {
      return { verdict: 'unreadable' };
    }
  }

  judgePass(code, now, companions, at) {
    let presented;
    try {
      presented = readCode(code);
    } catch {
      return { verdict: 'unreadable' };
    }
    const said = judge(this.keys.passes, presented, now);
    if (said.verdict === 'wrong-day') {
      const start = (day) => day * DAY_SECONDS - this.keys.passes.minutesAhead * 60;
      return { verdict: now < start(said.first) ? 'too-early' : 'wrong-day', first: start(said.first), last: start(said.last) };
    }
    if (said.verdict !== 'valid') return { ...said, now };
    if (this.day.tagOf(presented.pass) === this.last.tag) return this.again(code, at);
    return this.admit(presented.pass, { kind: PASS, bytes: presented.bytes }, now, companions);
  }

  /** A card of a person without a device: made by staff, and good today. */
  judgeCard(code, now, companions, at) {
    let card;
    try {
      card = readCardCode(code);
    } catch {
      return { verdict: 'unreadable' };
    }
    const key = this.keys.cards?.keys.find(({ id }) => id === card.keyId);
    if (!key) return { verdict: 'card-unknown-key' };
    const today = localDay(this.keys.passes.minutesAhead, now);
    if (!isCard(card, key, Math.min(today, card.lastDay))) return { verdict: 'not-a-card' };
    if (today > card.lastDay) return { verdict: 'card-expired', last: card.lastDay * DAY_SECONDS - this.keys.passes.minutesAhead * 60 };
    if (this.day.tagOf(card.bytes) === this.last.tag) return this.again(code, at);
    const { verdict, ...admitted } = this.admit(card.bytes, { kind: CARD, bytes: card.bytes }, now, companions);
    return { ...admitted, verdict: verdict === 'in' ? 'in-card' : verdict };
  }

  /** In, out, or used here: by `identity`, which the door knows again. */
  admit(identity, shown, now, companions) {
    const until = now + this.poster.defaultStayMinutes * 60;
    const { scan, until: planned } = this.day.scan(identity, now, until, companions);
    const tag = this.day.tagOf(identity);
    const stay = scan === 'in' ? { event: IN, from: now, until, companions } : { event: LEFT, from: now, until: planned };
    const isSealed = scan !== 'used-here' && stay.from < stay.until;
    const store = () => this.keep(tag, isSealed ? { ...stay, shown } : null, now);
    return { verdict: scan, companions: scan === 'in' ? companions : 0, tag, store };
  }

  /** A person without a phone, sealed to the officers' key of the day. Throws with a code: name, phone, no-intake. */
  contact({ name, phone }, now, companions) {
    if (this.isExpired(now)) return { verdict: 'keys-expired' };
    const number = normalisedPhone(phone);
    const full = name.normalize('NFC').trim().replace(/\s+/g, ' ');
    if (full === '' || utf8(full).length > MAX_NAME_BYTES) throw coded('name');
    if (!number) throw coded('phone');
    let key;
    try {
      key = intakeKeyFor(this.keys.intake, localDay(this.keys.intake.minutesAhead, now), this.province ?? 0);
    } catch (error) {
      throw coded('no-intake', error);
    }
    const sealed = sealContact({ name: full, phone: number }, key, this.keys.document.id);
    const { tag, ...result } = this.admit(sealed, { kind: CONTACT, bytes: sealed }, now, companions);
    return result;
  }

  /** Counts people who came in unscanned. */
  count(now, people) {
    const tag = this.day.count(now, now + this.poster.defaultStayMinutes * 60, people);
    return { store: () => this.keep(tag, null, now) };
  }

  /** Stores what the door knows of one code, the counts and the sealed records: all or nothing. */
  async keep(tag, stay, now) {
    const hour = Math.floor(now / 3600);
    const values = { [`seen-${this.unit}-${tag}`]: this.day.seen.get(tag), [`hours-${this.unit}-${hour}`]: this.day.countsOf(now) };
    for (const { hour: of, record } of stay ? sealStay(this.poster.payload, this.master, stay) : []) {
      values[`record-${this.venue}-${this.unit}-${of}-${randomName()}`] = record;
    }
    await put(values);
  }

  /** The numbers for people. */
  status(now) {
    const { passes, intake, at } = this.keys;
    const hours = [...this.day.hours].sort(([a], [b]) => a - b);
    return {
      unit: this.unit, name: this.name, inside: this.day.inside(now), hours,
      issuedAt: passes.issuedAt, expiresAt: Math.min(passes.expiresAt, this.keys.document.expires_at), fetchedAt: at,
      isExpired: this.isExpired(now), takesContacts: Boolean(intake), stay: this.poster.defaultStayMinutes,
    };
  }
}

/** As many companions as a record holds and a person brings. */
export function companionsOf(number) {
  return Math.max(0, Math.min(MAX_COMPANIONS, Math.trunc(Number(number)) || 0));
}
