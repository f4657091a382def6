// The national formats, on the cases of protocol/src/national_qr.rs.

import assert from 'node:assert/strict';
import test from 'node:test';

import { nationalName, readNational, writeNational } from './national.js';

test('the personal code is read and written', () => {
  for (const text of ['xxxxxx000001|NGUYEN THI LAN|1985-xx-xx|0|162979388586171100|',
    '001185000001|LE HOA|1985-01-31|1|162979388586171100|16297<2<GD479<0912345678<sig']) {
    assert.equal(writeNational(readNational(text)), text);
  }
  assert.equal(readNational('1|A|1985|0|9|<<<0912345678').phone, '+84912345678');
  assert.equal(readNational('1|A|1985|0|9').phone, null);
  assert.throws(() => writeNational({ ...readNational('1|A|1985|0|9|'), name: 'A|B' }));
});

test("the citizen card's code is read and has no telephone", () => {
  const code = readNational('001185000001|012345678|Nguyễn Thị Lan|31011985|Nữ|13 Lò Đúc, Hà Nội|01022022');
  assert.deepEqual([code.kind, code.name, code.phone], ['citizen-card', 'Nguyễn Thị Lan', null]);
  assert.equal(nationalName('Nguyễn Thị Đào'), 'NGUYEN THI DAO');
});

test('other texts are refused', () => {
  for (const text of ['', '|', '||||', 'https://yte.example.vn/v#AAAA', 'VXP1:123', '1|A|1985|2|9|', '1||1985|0|9|', '1|A|85|0|9|',
    '1|A|1985|0||', '1|A|1985|0|9|<3', '1|A|1985|0|9|<<<<<', '1|A|1985|0|9|x|y', '1|A\u0007|1985|0|9|',
    '00118500000|1|A|31011985|Nam|X|01022022', '001185000001|1| |31011985|Nam|X|01022022',
    'A'.repeat(1_000_000), `1|${'A'.repeat(257)}|1985|0|9|`]) {
    assert.throws(() => readNational(text), text.slice(0, 40));
  }
});
