# Check-ins at venues.

help-checkin = Check in at a venue with the QR code on its poster: its address, a photo or the camera (works offline)
usage-of-checkin = vungxanh checkin [OPTIONS] <ADDRESS | - | --image FILE | --camera[=DEVICE]>
help-checkin-code = What the QR code says: https://HOST/v#... (or - to read it from standard input)
help-checkin-image = A photo of the QR code (PNG or JPEG)
help-checkin-camera = Read the QR code with the camera (needs zbarcam; default: /dev/video0)
help-checkin-companions = How many others with you this device also stands for
help-checkout = Check out: the visit is sealed at once
help-extend = Stay longer at the venue
help-extend-minutes = By how many minutes (default: the venue's usual stay)
help-visits = Show the open visit (closed ones are sealed, even to you)

checkin-done = Checked in.
checkin-extended = You were already checked in here: your visit has been extended.
checkin-ended-another = You were checked in somewhere else: that visit has ended and is sealed.
checkin-what-next = When you leave: vungxanh checkout. To stay longer: vungxanh extend. If this device restarts, check in again.
checkin-clock = This device's clock cannot be trusted at the moment: warnings may miss this visit. Set the clock.
checkin-camera = Hold the QR code in front of the camera ...
checkin-camera-other = This code is not of a venue's poster: { $found }. Hold the poster in front of the camera ...
visit-open = You are checked in at: { $venue }
visit-times = Since { $since }; ends automatically at { $until }
visit-companions = For you and { $companions } more
visit-shares-in-advance = This venue has handed over its shares in advance: the authority alone can warn its visitors, and could read this visit if it got hold of your device.
checkout-done =
    { $days ->
    [one] Checked out at { $time }. The visit is sealed for 1 day; nobody can read or count it here any more.
   *[other] Checked out at { $time }. The visit is sealed for { $days } days; nobody can read or count it here any more.
}
checkout-automatic =
    { $days ->
    [one] The visit had ended automatically at { $time }. It is sealed for 1 day.
   *[other] The visit had ended automatically at { $time }. It is sealed for { $days } days.
}
extend-done = The visit now ends automatically at { $time }.
visits-none-open = You are not checked in anywhere.
visits-sealed =
    { $days ->
    [one] Visits of the last day are sealed. This device cannot read them and cannot tell whether there were any; warnings still find them.
   *[other] Visits of the last { $days } days are sealed. This device cannot read them and cannot tell whether there were any; warnings still find them.
}

failure-checkin-what = Give the address in the QR code, or - to read it from standard input, or --image FILE, or --camera.
failure-no-visit = You are not checked in anywhere.
failure-longest-stay = A visit is recorded for 24 hours at most. Check out, then check in again.
failure-display-ends = The code that you scanned on the screen is not valid for longer. Scan the new one.
failure-display-stale = This is not the code that the screen shows now. Scan it again; if that does not help, the clock of the screen or of this device is wrong.
failure-display-only-poster = This is the printed sheet: scan the code on the screen.
failure-hour-full = At most four visits in one hour can be kept. You were NOT checked in here; if you want to remember this visit, write it down.
failure-poster-not-ours = This code was not made by your health authority, or it was altered. Do not use it; tell the venue. ({ $detail })
failure-poster-expired = This poster has expired. Ask the venue for its new one.
failure-poster-not-yet-valid = This poster is not valid yet. Is this device's date right?
failure-poster-newer = This poster is newer than this program. Install a newer vungxanh. ({ $detail })
failure-poster-unreadable = This is not the code of a venue's poster. Copy or photograph the complete code again. ({ $detail })
failure-no-file = There is no file { $file }. Check the name.
failure-no-picture = { $file } is not a PNG or JPEG picture that can be read ({ $detail }). Take another photo.
failure-picture-too-large = { $file } is larger than 32 MiB. Make the picture smaller.
failure-code-of-no-poster = The QR code in { $file } is not of a venue's poster. It says: { $found }
failure-no-code-found = No QR code was found in { $file }. Take the photo from closer, straight from the front, with the complete code in it.
failure-no-camera-program = The camera is read by "zbarcam", which is not installed (Debian: apt install zbar-tools). Or take a photo and use --image FILE.
failure-no-camera = There is no camera { $device }. Connect one, name another with --camera=/dev/video1, or take a photo and use --image FILE.
failure-camera-no-poster = The camera saw QR codes, but none of a venue's poster.
failure-camera = The camera gave no code ({ $detail }). Name another with --camera=/dev/video1, or take a photo and use --image FILE.

problem-check-ins = Check-ins could not be sealed or saved: { $detail }. The program tries again automatically.
problem-check-ins-damaged = The file of sealed check-ins was damaged and has been moved to { $detail }. Earlier visits are lost: warnings about them will not be found.

event-checked-in = Checked in; ends automatically at { $time }. Longer: vungxanh extend
event-visit-ends-soon = Your visit ends automatically at { $time }. Still there? vungxanh extend
event-checked-out = Checked out at { $time }.
event-checked-out-by-itself = You were checked out automatically at { $time }. Still there? Scan the poster again.
event-check-ins-began-anew = This device has restarted. If you were checked in somewhere, that visit is lost from the start of its last hour: check in again.
status-visit = Checked in until

exposures-venue = At venues
exposures-at-venue = { $venue }: someone with the disease was there, or had just left, from { $from } to { $until } while you were there ({ $duration }).
exposures-companions =
    { $companions ->
    [one] Tell the person who was with you, too.
   *[other] Tell the { $companions } people who were with you, too.
}
exposures-words = The authority: { $text }
status-warnings = Batches of warnings checked

# The private diary
help-diary = Keep a private record of your visits, under your own passphrase (off by default)
help-diary-on = From now on, keep visits that end, readable only with the passphrase
help-diary-off = Stop keeping visits; what is in the diary stays until it expires
help-diary-show = Show the visits in the diary
help-diary-disclose = Choose visits, one by one, to tell an officer of the health authority
help-diary-visit = Number of a visit in "vungxanh diary show" (may be repeated; default: ask)
help-diary-qr = Draw a QR code on this screen for the officer to scan, instead of lines
help-diary-remove = Delete visits from the diary, for good
help-diary-forget = Destroy the diary
diary-is-on = The diary is on: visits that end from now on are kept in it, readable only with your passphrase. Nobody can recover a forgotten passphrase.
diary-is-off = The diary is off. What is in it stays until it expires; to destroy it: vungxanh diary forget
diary-forgotten = The diary is destroyed and off.
diary-empty = There are no visits in the diary.
diary-venue = Venue
diary-companions = With you
diary-disclose-this = Tell the authority of { $venue }, from { $from } to { $until }? [y/N]
diary-disclose-how = Read these lines out to the officer, or paste them where the officer says. They name the place and the times, not you. Nothing has been sent.
diary-disclose-qr-how = Let the officer scan the code from this screen. It names the places and the times, not you. Nothing has been sent.
diary-remove-this = Delete { $venue }, from { $from } to { $until }, from the diary? Nobody can bring it back. [y/N]
diary-removed = { $count ->
    [0] The diary has no such visit any more.
    [one] The visit was deleted from the diary. The sealed visit stays, so that warnings still find it; nobody can read it there.
   *[other] { $count } visits were deleted from the diary. The sealed visits stay, so that warnings still find them; nobody can read them there.
}
failure-diary-none-removed = No visit was chosen. Nothing has been deleted.
visits-diary-on = The private diary is on: vungxanh diary show
visits-diary-off = There is a private diary, but it is off: vungxanh diary show
failure-no-diary = There is no diary. To start one: vungxanh diary on
failure-diary-passphrase = This is not the diary's passphrase. Try again; if it is lost, only "vungxanh diary forget" helps, and what is in the diary is lost.
failure-diary-which = Nobody can be asked here. Name the visits: --visit N (numbers of "vungxanh diary show").
failure-diary-no-such-visit = There is no visit { $number } in the diary. The numbers are those of "vungxanh diary show".
failure-diary-none-chosen = No visit was chosen. Nothing has been disclosed.
failure-diary-line = This is not a line that describes a visit. Copy it exactly as "vungxanh diary disclose" prints it.
problem-diary-damaged = The private diary was damaged and has been moved to { $detail }. To start a new one: vungxanh diary on
