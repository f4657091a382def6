# Printed cards for people without a device, and their keys.

help-card-key = Keys of printed cards, one for each quarter of a year
help-card-key-new = Make the keys of this quarter and the ones to come; needs the root key
help-card-key-list = Show the quarters with keys, and whether this machine can make cards with them
help-card-key-destroy = Destroy a quarter's key: its numbers can never be read again, and doors refuse its cards; needs the root key
help-card-key-quarters = For how many quarters, the running one included
help-card-key-quarter = The quarter, as 2026-Q4
card-keys-made = There are keys for cards until quarter { $quarter }; new ones: { $count }
card-keys-none = There are no keys for cards yet; make them with card-key new.
card-key-row = { $quarter }: cards good until { $day } at the latest; officers who can open them: { $officers }
card-key-row-makes = { $quarter }: cards good until { $day } at the latest; officers who can open them: { $officers }; this machine can make cards
card-key-row-destroyed = { $quarter }: no officer can open these cards any more; make the key again with card-key new
card-key-destroy-sure = Destroy the key of { $quarter }? No number on a card of that quarter can be read any more, and doors refuse these cards. [y/N]
card-key-destroyed = The key of { $quarter } was destroyed. Doors refuse its cards as soon as they fetch the list again.
error-card-no-officers = no officer reads for the whole authority (group 0), and only such officers open cards; add one with officer add
error-card-keys = the keys of cards cannot be made: { $reason }
error-card-key-ids = all ids of keys for cards are used, or the file last-card-key is damaged
error-card-quarter-form = it is no quarter; write it as 2026-Q4
error-card-quarter-none = there is no key of { $quarter }
intake-row-card = AT A DOOR WITH A CASE, printed card, ask first whether they were there: { $name }, { $phone }; { $venue }, { $from } to { $until }, with { $companions } more
intake-row-single-card = AT A DOOR WITH A CASE, printed card for one use, ask first whether they were there: { $name }, { $phone }; { $venue }, { $from } to { $until }, with { $companions } more
intake-kind-card = at a door with a case, printed card
intake-kind-single-card = at a door with a case, printed card for one use
