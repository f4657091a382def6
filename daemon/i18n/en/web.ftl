# Each person's own page on their own device: vungxanh open.

help-open = Open your own page in the browser on this machine
help-open-print = Print the address only, without starting a browser
open-done = Your page is being opened in the browser. It closes after 30 minutes without use.
open-by-hand = No browser could be started from here. Open this address within 5 minutes in a browser on this very machine; it works once:
failure-open = The page could not be opened on this machine: { $detail }

# What stands around every page
web-name = Vung Xanh
web-on-this-device = Your own page on this device
web-other-language = Tiếng Việt
web-skip-to-content = Skip to the content
web-navigation = Navigation
web-menu = Menu
web-foot = This page comes from your own device and works without a network. Only the user who opened it can see it; it closes after 30 minutes without use.
web-licences = Licences of software and fonts
web-title-problem = Error:{" "}
web-summary-title = There is a problem
web-confirmation-back = Go back, change nothing
web-back-home = To the first page
web-never = never
web-nav-home = Overview
web-nav-nearby = Near you now
web-nav-exposures = Exposures
web-nav-visits = Visits
web-nav-pass = Pass
web-nav-history = Day by day
web-nav-data = Your data
web-nav-settings = Settings

# When a page does not open
web-closed-title = This page is closed
web-closed-text = To open it again, run this command on this machine:
web-closed-why = The page closes after 30 minutes without use and when the daemon stops, and each address opens it once only. Your data is all there.
web-closed-foreign = The request came from another site and was refused; nothing was changed. Open the page yourself with "vungxanh open".
web-failed-title = This did not work
web-refused-old-form = This form is out of date, for example because you opened the page again. Nothing was changed. Reload the page and repeat.
web-refused-unreadable = What was sent cannot be read. Nothing was changed. Reload the page and try again.
web-refused-too-long = What was sent is too long. Nothing was changed.
web-refused-not-found = This page does not exist.

# First page
web-home-title = Your device now
web-home-tracing = Does tracing work?
web-tracing-works = Tracing works
web-tracing-works-not = Tracing does not work
web-last-scan =
    { $devices ->
    [one] Last scan: { $time }, 1 device detected.
   *[other] Last scan: { $time }, { $devices } devices detected.
}
web-no-scan-yet = Nothing has been scanned since the daemon was started.
web-authority-last = { $name }: last exchange at { $time }.
web-authority-never = { $name }: no exchange so far.
web-home-exposed = Were you near a case?
web-home-level-none = None found
web-home-level-low = Low risk
web-home-level-high = HIGH RISK
web-home-exposed-none = By what this device has stored and what the authority has published, no exposure was found.
web-home-exposed-days =
    { $days ->
    [one] You were exposed on 1 day.
   *[other] You were exposed on { $days } days.
}
web-home-exposed-more = See them, and what to do
web-home-visit = Where are you checked in?
web-home-pass = Your pass
web-home-pass-until = You have passes valid through { $day }.
web-home-pass-show = Show the pass

# Problems of the daemon: what is wrong, and what to do
web-problem-detail = The system says: { $detail }
web-problem-not-enrolled = No health authority is chosen, so that nothing is traced yet.
web-problem-not-enrolled-do = Choose one under Settings, by the address that the authority has published.
web-problem-authority-expired = The authority's document has expired and a newer one could not be downloaded.
web-problem-authority-expired-do = Check the network, then press “Exchange now” under Settings. If it stays so, ask the authority.
web-problem-radio-off = Bluetooth is switched off.
web-problem-radio-off-do = Switch Bluetooth on. Tracing goes on by itself.
web-problem-radio-missing = No Bluetooth adapter was found.
web-problem-radio-missing-do = Plug one in. If this machine has one, the command "vungxanh doctor" says what is missing.
web-problem-broadcast-failed = Your device cannot broadcast, so that other devices do not record you.
web-problem-broadcast-failed-do = The program tries again by itself. If it stays so for some minutes, switch Bluetooth off and on, or run "vungxanh doctor".
web-problem-scan-failed = Your device cannot detect other devices.
web-problem-scan-failed-do = The program tries again by itself. If it stays so for some minutes, switch Bluetooth off and on, or run "vungxanh doctor".
web-problem-scan-stopped = Scanning had stopped and is being restarted.
web-problem-scan-stopped-do = There is nothing to do yet. If it stays so for some minutes, run "vungxanh doctor".
web-problem-clock = This device's clock cannot be trusted, so that what it records does not count yet.
web-problem-clock-do = Set the date and the time, and connect to the network: the authority's time confirms the clock.
web-problem-store = The device cannot store who is near.
web-problem-store-do = Make room on the disk. If it is not full, it may be failing.
web-problem-store-damaged = The store was damaged and has been moved aside; what could still be read was kept.
web-problem-store-damaged-do = Tracing goes on. If this happens again, have the disk checked.
web-problem-check-ins = The device cannot seal or store visits.
web-problem-check-ins-do = Make room on the disk. The program tries again by itself; until then, write down where you go.
web-problem-check-ins-damaged = The file of visits was damaged and has been moved aside; earlier visits are lost.
web-problem-check-ins-damaged-do = New visits are stored. For places where you were before, follow what the authority announces.
web-problem-diary-damaged = The private diary was damaged and has been moved aside.
web-problem-diary-damaged-do = If you still want a diary, switch on a new one under Visits.
web-problem-sync = The authority's server could not be asked, so that new warnings are not known.
web-problem-sync-do = Check the network. The program tries again by itself; who is near is still recorded.
web-problem-report-pending = The publication of your positive test is not finished.
web-problem-report-pending-do = Open “Positive test” and press “Continue”: it goes on where it stopped, and nothing is published twice.
web-problem-declaration-pending = A health declaration or its withdrawal has not been answered yet.
web-problem-declaration-pending-do = There is nothing to do: it is sent again as soon as there is a network.
web-problem-declaration-keys = The authority's server has shown two different keys under one name, which must never happen.
web-problem-declaration-keys-do = Report it to the authority, and do not declare on this device for now.

# Checking in
web-checkin-title = Check in
web-checkin-intro = A telephone or a camera that scans the code on a poster shows an address. Copy it here.
web-checkin-code = What the code on the poster says
web-checkin-code-hint = It begins with https:// and has a #
web-checkin-companions = Companions without a device of their own
web-checkin-companions-hint = May be left empty
web-checkin-button = I have arrived
web-checkin-private = The visit is stored on this device only, and sealed when you leave. Nothing is sent.
web-checkin-no-code = Copy here what the code on the poster says.
web-checkin-companions-wrong = The number of companions must be between 0 and 255.
web-visit-open = You are checked in at { $venue }. The visit ends automatically at { $time }.
web-visit-none = You are not checked in anywhere.
web-visit-more = Details
web-visit-times = Since { $since }. Ends automatically at { $until }.
web-visit-companions =
    { $companions ->
    [one] For you and 1 more.
   *[other] For you and { $companions } more.
}
web-visit-shares-in-advance = This venue has handed over its shares in advance: the authority alone can warn its visitors, and could read this visit if it got hold of your device.
web-check-out = Check out
web-extend = Stay longer
web-extend-minutes = By how many minutes
web-extend-hint = Leave it empty for the usual stay at this venue
web-minutes-wrong = The minutes must be between 1 and 1440.
web-visits-closed = Visits that have ended
web-visits-sealed =
    { $days ->
    [one] Visits of the last day are sealed. This device can neither read nor count them; warnings still find them.
   *[other] Visits of the last { $days } days are sealed. This device can neither read nor count them; warnings still find them.
}
web-done-checked-in = You are checked in. When you leave, press “Check out”.
web-done-checked-in-clock = You are checked in. But the clock of this device cannot be trusted, so that warnings may miss this visit. Set the clock.
web-done-checked-in-ended-another = You are checked in. Your visit elsewhere has ended and is sealed.
web-done-extended = Your visit has been extended.
web-done-checked-out = You are checked out. The visit is sealed.
web-done-checked-out-before = The visit had ended automatically, and is sealed.

# Private diary
web-diary = Private diary
web-diary-on = On
web-diary-off = Off; what was written is still there
web-diary-none = None
web-diary-what = The diary keeps the places where you have been, for yourself, or to choose visits that you tell an officer. Only your passphrase opens it.
web-diary-open = Open the page of the diary
web-diary-passphrase = Passphrase of the diary
web-diary-read-title = Read the diary
web-diary-read = Read
web-diary-on-title = Switch the diary on
web-diary-switch-on = Switch on
web-diary-off-title = Switch the diary off
web-diary-off-text = Later visits are not written down. What is in the diary stays until it expires.
web-diary-switch-off = Switch off
web-diary-forget = Destroy the diary
web-diary-forget-title = Destroy the private diary?
web-diary-forget-text = All visits in the diary are deleted, and nobody can bring them back. Sealed visits stay, and warnings still find them.
web-diary-visits = Visits in the diary
web-diary-visits-text = Only you see this list. If an officer asks, you can choose the visits that you want to tell.
web-diary-empty = The diary has no visits.
web-diary-disclose-one = Tell this visit
web-diary-disclose-how = The next page shows the chosen visits as codes, which an officer scans or copies. They name place and time, not you. Nothing is sent.
web-diary-disclose = Show the chosen visits
web-diary-close = Close the diary
web-diary-disclosed = For the officer
web-diary-disclosed-text = Let the officer scan the screen, or read these lines out. This device sends nothing.
web-diary-disclosed-code = Code of a visit
web-done-diary-on = The diary is on. If you forget the passphrase, nobody can open it.
web-done-diary-off = The diary is off.
web-done-diary-forgotten = The diary has been destroyed.
web-passphrase-new = New passphrase
web-passphrase-hint = At least 8 characters; several words are better
web-passphrase-again = New passphrase again
web-passphrases-differ = The two passphrases differ. Type both again.
web-failure-no-diary = There is no diary. Switch it on first.
web-failure-diary-passphrase = This is not the diary's passphrase. Try again. If it is lost, the diary can only be destroyed.
web-failure-diary-line = This is not a line that describes a visit. Open the diary again and choose again.
web-failure-not-enrolled = No health authority is chosen. Choose one under Settings.
web-failure-unreachable = The authority's server cannot be reached. Check the network and try again; nothing is lost. ({ $detail })
web-failure-poster-newer = This poster is newer than the program. Install a newer version. ({ $detail })
web-failure-no-pass = There is no valid pass now.

# Pass
web-pass-none = You have no valid pass now. A health declaration gives you passes.
web-pass-code = QR code of the pass
web-pass-of = Pass of { $name }
web-pass-shown = Shown at { $time }. The code changes every { $seconds } seconds.
web-pass-until = Valid through { $day }.
web-pass-unused =
    { $passes ->
    [one] 1 pass is unused.
   *[other] { $passes } passes are unused.
}
web-pass-next-text = With another pass at each place nobody can join the places where you were. When you check out of a venue, the pass changes by itself.
web-pass-next = Take another pass
web-pass-sheet =
    { $passes ->
    [one] Print 1 pass
   *[other] Print { $passes } passes
}
web-pass-sheet-title = Printed passes
web-pass-sheet-text =
    { $passes ->
    [one] 1 pass, valid from { $from } through { $until }. Show a different one at each place.
   *[other] { $passes } passes, valid from { $from } through { $until }. Show a different one at each place.
}
web-pass-sheet-print = The codes appear when you print this page.
web-pass-others = Whose pass
web-pass-own = My own pass

# Near you now
web-nearby-last-scan = Last scan: { $time }.
web-nearby-count =
    { $devices ->
    [one] 1 device is near
   *[other] { $devices } devices are near
}
web-nearby-table = How near
web-near-immediate = Very near
web-near-near = Near
web-near-medium = Further away
web-near-other = Far
web-nearby-note = This device does not know who is near: devices exchange identifiers only, which change about every 10 minutes. The signal's strength says little about the distance, and a device that has just changed its identifier may be counted twice.
web-nearby-renewed = The page renews itself every { $seconds } seconds.
web-nearby-still = Stop it
web-nearby-renew = Renew it by itself

# Day by day
web-history-what = How often somebody was near on each day. Neither who nor where is recorded.
web-history-empty = Nothing is stored yet.
web-history-table = Sightings by day
web-history-gone = After the retention period the key of each day is destroyed, and nobody can read that day any more.
web-forget-day = Delete this day
web-forget-day-title = Delete what is stored of { $day }?
web-forget-day-what = Who was near, exposures, visits and declarations of { $day } are deleted on this device. If a case was near on that day, you will not be notified any more.
web-forget-for-good = What is deleted, nobody can bring back, not even you.
web-done-forgotten-day = What was stored of that day has been deleted.

# Exposures
web-exposures-none = No exposure was found.
web-exposures-what-to-do = What to do
web-exposures-last-contact = Last contact on
web-exposures-test-from = Test from
web-exposures-apart-until = Stay apart from others until the end of
web-exposures-authority-first = These days follow the authority's general rules. If the authority tells you otherwise, do what it says.
web-exposures-days = Days of exposure
web-exposures-table = Time near a case, by day
web-exposures-at-venue = A case was there, or had just left, while you were there, too: { $times }.
web-exposures-companions =
    { $companions ->
    [one] Tell the person who was with you, too.
   *[other] Tell the { $companions } people who were with you, too.
}
web-exposures-words = Health authority: { $text }
web-exposures-checked = Last compared with what the authority publishes: { $time }.
web-exposures-never-checked = This device has not yet received what the authority publishes.
web-exposures-private = Nobody else knows this result: the device compares by itself and sends nothing. Of times near a case it says the day and not the hour, so that the case is harder to guess.
web-level-none = None found
web-level-low = Low
web-level-high = HIGH

# Your data
web-data-intro = This is everything that this device stores about you. Nothing is elsewhere but what you have sent yourself: a published result, and health declarations.
web-data-table = What is stored
web-data-encounters = Who was near, without any name
web-data-keys = Keys of your device, for the case that you test positive
web-data-exposures = Exposures
web-data-visits = Visits that have ended
web-data-visit = Open visit
web-data-diary = Private diary
web-data-declarations = Health declarations
web-data-passes = Passes
web-data-authority = Chosen health authority
web-data-count = { $number }
web-data-exposed =
    { $days ->
    [one] 1 day
   *[other] { $days } days
}
web-data-days =
    { $days ->
    [one] 1 day
   *[other] { $days } days
}
web-data-visits-sealed = Sealed: can be neither read nor counted
web-data-visit-open = 1, in memory only
web-data-visit-none = None
web-data-nothing = None
web-data-until = Through { $day }
web-data-until-left = Until you leave
web-data-until-replaced = Until you choose another
web-data-bytes = All of it takes about { $kilobytes } kB on the disk, encrypted; only your account on this machine can open it.
web-export-title = Take a copy of your data
web-export-what = You get a file sealed by a passphrase, to take over on another device, on its page or with "vungxanh import". Visits and the diary are not in it. Whoever has both the file and the passphrase can read it.
web-export = Download the file
web-erase-heading = Delete data
web-erase-title = Delete all data on this device?
web-erase-what = Who was near, your keys, exposures, visits, the diary, declarations and passes on this device are deleted. The chosen authority stays, and tracing begins again. What you have sent to the authority stays there.
web-erase = Delete everything
web-erase-a-day = Delete one day only
web-done-erased = Everything has been deleted. Nobody can bring it back.

# Settings
web-settings-authority = Health authority
web-authority-name = Name
web-authority-url = Address
web-authority-fingerprint = Fingerprint
web-authority-valid = Document valid until
web-authority-last-exchange = Last exchange
web-authority-none = No health authority is chosen.
web-exchange-now = Exchange now
web-authority-choose = Choose a health authority
web-authority-other = Choose another health authority
web-authority-address = Address with its fingerprint
web-authority-address-hint = Copy all of it from where the authority has published it: https://…#sha256=…
web-authority-address-wrong = The address must have a #, then sha256= and 64 hexadecimal digits. Copy all of it again.
web-authority-button = Choose this authority
web-authority-replace-title = Replace the health authority?
web-authority-replace-text = From now on this device follows { $url }, and gets no more warnings of the authority chosen before. Exposures that were found stay.
web-authority-replace = Replace the authority
web-done-authority-chosen = The health authority is chosen.
web-done-exchanged = The exchange with the authority is done.
web-settings-language = Language
web-settings-language-text = This page remembers the language that you choose. Until you choose one, it is the daemon's.
web-settings-notifications = Notifications on the screen
web-settings-notifications-text = They are chosen when the daemon starts: the option --no-notifications of "vungxanh run", or the variable VUNGXANH_NO_NOTIFICATIONS=1, switches them off.

# Columns of tables, durations
web-column-amount = Stored
web-column-at-venues = At venues
web-column-chart = Chart
web-column-companions = Companions
web-column-day = Day
web-column-deed = What can be done
web-column-devices = Devices
web-column-disclose = Tell
web-column-kept = Kept for how long
web-column-medium = Further away
web-column-near = Near
web-column-nearness = Nearness
web-column-place = Place
web-column-risk = Risk
web-column-scans = Sightings
web-column-times = Time
web-column-what = Data
web-duration-none = none
web-duration-seconds = { $seconds } s
web-duration-minutes = { $minutes } min
web-duration-hours = { $hours } h { $minutes } min
