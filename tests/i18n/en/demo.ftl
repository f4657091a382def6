demo-title = Vung Xanh: the whole chain on this machine. Real servers, devices, cryptography and storage; simulated radio, faster time.
demo-interrupted = Interrupted; everything is being ended and removed.
demo-failed = The demo could not go on: { $reason }
demo-kept = Everything as expected, in { $seconds } s.
demo-broken = NOT everything is as expected, after { $seconds } s.

day = Day { $number }

step-authority = A health authority is founded and serves at { $url } (root key { $fingerprint }…).
step-devices = { $names } enrol by the root key's fingerprint; their devices exchange changing identifiers.
step-code = Lan has tested positive. Staff give her the verification code { $code }.
step-report = { $periods ->
    [one] Lan publishes the keys of { $periods } period of six hours
   *[other] Lan publishes the keys of { $periods } periods of six hours
 } and leaves out { $left }: the afternoon with Hoa.
step-batch = A signed batch appears: { $file }
step-told = { $name }'s device finds out by itself and tells { $name }: exposed, risk { $level }.
step-officer = Dr. Ngọc makes a key on her own computer. The authority admits her, and makes keys for declarations, passes and cards; no server can open what is sealed to them.
step-declared = Dũng makes a health declaration with his program, sealed to the officer, and gets passes that no one can connect with it.
step-cards = Staff print cards for { $names }, who have no device. The number in the code is sealed.
step-door = Staff of { $market } log a phone in, to scan at the door.
step-door-sends = The phone at the door has sealed every scan to market and authority together; by now it has sent the records, among decoys, of hours: { $hours }.
step-told-of-pass = { $name }'s device finds a warning to the pass that the door scanned and tells { $name }: at the market with a case, risk { $level }.
step-officer-reads = The officer opens the sealed list of the day on her own computer. To be called: { $calls }.
step-everyone-looked = The last of Lan's keys is public too, and every device has matched all { $count } batches.
step-look-alikes = All devices have sent { $count } dummy uploads so far, so that Lan's does not stand out.
step-verified = Anyone can check the batches: { $files } signatures are good ({ $keys } keys, most of them synthetic padding).

step-market = { $market } registers by telephone, makes its key itself, is approved by an officer, and hangs up its poster.
step-shares = Lan discloses one visit from her private diary. The authority asks the market, which hands over its shares for { $hours } hours.
step-told-of-visit = { $name }'s device opens a warning with its own sealed check-in and tells { $name }: at the market with a case, risk { $level }.

stay-case = Lan scans the market's poster. Her device seals the visit to market and authority together.
stay-overlap = Bình scans the poster at the other end of the market, 300 m from Lan, beyond any radio.
stay-later = An scans the poster, an hour after Lan has left.

stay-card = Cụ Sáu has no phone: his printed card is scanned at the market's door.
stay-pass = Dũng's pass is scanned there. It says that a pass was issued today, and nothing else.
stay-card-later = Bà Tư Hậu's card is scanned, an hour after Lan has left.

scene-cafe = Lan and Minh sit down at one café table, 0.8 m apart. Mai sits behind a wall, 15 m away.
scene-passing = Tuấn walks past outside, 6 m away, for a minute.
scene-cafe-goes-on = Tuấn is gone. Lan and Minh stay for another 19 minutes.
scene-afternoon = Lan visits Hoa for 40 minutes. Minh meets An, who never meets Lan.

level-none = none
level-low = low
level-high = high

table-what = What
table-expected = Expected
table-found = Found
table-verdict = As expected
table-yes = yes
table-no = NO

row-person = { $name }
row-published = { $name }'s publication
row-look-alikes = Dummy uploads
row-batches = Signatures of batches
row-identifiers = Identifiers on the air
row-declared = Declarations that the officer reads
row-called = Whom the officer calls
row-secrets = Secrets at the authority
row-remains = Left behind

found-told = told: risk { $level }
found-told-nothing = told nothing
found-published = { $published } periods published, { $left } left out, { $received } received
expected-look-alikes = from every device; the server counts as many
found-look-alikes = { $sent } sent (at least { $least } each), { $answered } counted
expected-batches = all good
found-batches = { $verified } good, { $failed } bad
expected-identifiers = at least { $least }, none for over { $minutes } min
found-identifiers = { $count }, longest { $minutes } min
expected-secrets = 0 of { $searched } (identifiers, code, visits, keys, declaration, passes, cards)
found-secrets = { $found } of { $searched }
expected-remains = nothing

keep-title = Everything goes on, now at real speed, in { $folder }. Try in another terminal:
keep-told = What Minh is told:
keep-warned = What Bình is told of his visit to the market:
keep-passed = What Dũng is told of his pass at the market's door:
keep-pass = The pass that Dũng shows:
keep-status = Whether Lan's device works:
keep-history = What Hoa's device keeps (how much, never whom):
keep-authority = What the authority counts, and a new verification code:
keep-report = With that code, publish as An:
keep-staff = The staff's portal; log in as { $login } with the password “{ $password }”:
keep-venue = The market's portal; log in as { $login } with the password “{ $password }”:
keep-poster = The market's poster, as a picture:
keep-card = Cụ Sáu's printed card, as a picture:
keep-checkin = The check-in page that the poster's code opens:
keep-open = Open in a browser:
keep-end = Press Ctrl-C here to end everything and remove the folder.
