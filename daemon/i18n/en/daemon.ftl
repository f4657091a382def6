about = Contact tracing that tells you that you were exposed, and tells nobody whom you met

help-profile = Folder of the profile (default: the user's data folder)
help-lang = Language of texts
help-json = Print results as JSON on standard output
help-detail = Show technical details, too
help-enroll = Choose the health authority whose warnings this device follows
help-run = Run the daemon: exchange identifiers and look for exposures
help-status = Show whether tracing works
help-history = Show how much is kept for each day (never whom you met)
help-exposures = Show days on which you were exposed, and what to do
help-report = Publish your keys after a positive test, with a verification code
help-export = Write your own data to a file sealed by a passphrase
help-import = Read your own data from such a file
help-forget = Delete what this device has kept, for good
help-keys = Look into export files of an authority
help-keys-show = Show what export files hold, without asking who signed them
help-keys-verify = Verify the signatures of export files
help-match = Match recorded sightings against export files
help-air = Simulate the radio between devices on this machine, to try without Bluetooth
help-air-socket = Unix socket to listen on; devices choose it with air:SOCKET#NAME
help-air-seed = Number from which all randomness of the simulation is drawn

air-ready = The simulated radio listens at { $socket }. Devices on this machine hear each other when they choose the radio air:{ $socket }#NAME, each with a different NAME. Press Ctrl-C to stop.
failure-air = The simulated radio could not start: { $detail }

failure-not-running = The daemon is not running: there is no answer at { $socket }. Start it with "vungxanh run".
failure-other-user = The profile { $profile } belongs to the user { $owner }, and only that user may open it. For your own profile, leave --profile out or name another folder.
failure-control = The daemon's answer could not be read: { $detail }
failure-runtime = The program could not start: { $detail }

# Exchange with the authority
failure-not-enrolled = No health authority is chosen. Choose one with "vungxanh enroll URL".
failure-other-authority = Another health authority is already enrolled. To replace it, add --replace. ({ $detail })
failure-wrong-fingerprint = This is not the authority whose fingerprint you gave: do not use it, and ask the authority for its fingerprint again. ({ $detail })
failure-bad-url = This address cannot be used: { $detail }
failure-unreachable = The authority's server cannot be reached. Check the network and run the same command again; nothing is lost. ({ $detail })
failure-authority-answer = The authority's server gave an answer that cannot be used. Try again later. ({ $detail })
failure-authority-document = The authority's document is not accepted. Try again later, or ask the authority. ({ $detail })
failure-store-sync = The profile could not be read or written. ({ $detail })
failure-profile-locked = Another program is using the profile. Stop it, or start the daemon with "vungxanh run". ({ $detail })
failure-code-malformed = This is not a verification code: a code has 8 digits, or 16 letters and digits. Check it and try again; nothing was sent.
failure-code-unknown = This verification code is unknown. Check the digits and try again.
failure-code-expired = This verification code has expired. Ask for a new one.
failure-code-used = This verification code has already been used or is not valid. Ask for a new one.
failure-code-not-published = This verification code belongs to a result that is not published.
failure-code-too-many = Too many attempts. Wait a few minutes, then run the same command again.
failure-nothing-to-publish = There is nothing to publish: no keys are kept, or all periods are left out.
failure-publication-refused = The authority's server refused the keys. Ask the authority for a new code. ({ $detail })

# enroll
help-enroll-url = Address of the authority, best with its fingerprint: https://HOST#sha256=FINGERPRINT
help-enroll-replace = Replace the authority that is enrolled already
enroll-compare =
    This server says that it belongs to: { $name }
    Fingerprint: { $fingerprint }
    Compare it with the one that the authority gives on paper, by telephone or on its web page.
enroll-same = Are they the same? [y/N]
enroll-replace = Another authority is already enrolled. Replace it with { $name }? [y/N]
enrolled =
    Enrolled: { $name }
    Fingerprint: { $fingerprint }
failure-bad-fingerprint = The part after # must be sha256= and 64 hexadecimal digits. Copy the address again from where you have it.
failure-fingerprint-needed = The authority's fingerprint is { $fingerprint }. Compare it with the one that the authority gives elsewhere, then add it to the address: URL#sha256=FINGERPRINT

# report
help-report-code = The verification code that came with the test result
help-report-leave-out = Leave out what touches this day or time, for example 2026-03-01, 01/03/2026 14:30 or 14:30 (may be repeated)
help-report-yes = Publish without asking
column-number = No.
column-from = From
column-to = To
column-choice = Choice
report-left-out = left out
report-choose = Numbers to leave out, for example 2 5-7 (Enter: no more):
report-confirm = Publish your keys? Periods to publish: { $published }. Left out: { $left_out }. This cannot be undone. [y/N]
report-sending = Sending; this takes up to a minute ...
reported =
    { $published ->
    [one] Published: 1 period.
   *[other] Published: { $published } periods.
 } Left out: { $left_out }.
    Others will be warned from about { $expected }. Thank you.
failure-report-needs-yes = Nobody can be asked here. To publish without a question, add --yes.
failure-bad-leave-out = "{ $text }" is neither a day (2026-03-01 or 01/03/2026) nor a time (14:30, 01/03/2026 14:30).
failure-leave-out-nothing = None of your periods touches { $date }; nothing was published. Check the date, or leave it out.
failure-bad-number = "{ $text }" is not a number in the table. Nothing was published.

help-yes = Do not ask
help-run-radio = Radio to use: bluez (default), bluez:hci1, bluez:ADDRESS, or air:SOCKET#NAME (simulated)
help-forget-day = Forget only this day, for example 2026-03-01 or 01/03/2026
help-forget-all = Forget everything except the enrolment
help-export-file = File to write; it must not exist yet
help-import-file = File to read
help-passphrase-file = Read the passphrase from this file

none = none
never = never

level-none = none found
level-low = low
level-high = HIGH

radio-ready = ready
radio-switched-off = switched off
radio-missing = missing

status-tracing = Tracing works.
status-not-tracing = Tracing does not work.
status-what = What
status-value = Now
status-authority = Authority
status-radio = Radio
status-last-scan = Last scan
status-heard = Devices heard in it
status-kept = Sightings kept
status-bytes = Bytes on disk
status-last-sync = Last exchange with the authority
status-batches = Batches matched
status-keys = Keys matched
status-altered = Matches dropped because they were altered
status-look-alikes = Dummy uploads sent
status-level = Risk

problem-not-enrolled = No health authority is chosen. Choose one: vungxanh enroll https://HOST#sha256=FINGERPRINT
problem-authority-expired = The authority's document has expired and a newer one could not be downloaded. Check the network, or ask the authority.
problem-radio-off = The radio is switched off. Switch Bluetooth on.
problem-radio-missing = There is no radio: { $detail }. Without one, nobody is traced. Plug in a Bluetooth adapter, or run "vungxanh doctor", which says what is missing.
problem-broadcast-failed = You are not broadcasting, so others cannot record that they met you: { $detail }. The program tries again automatically. If this stays, run "vungxanh doctor".
problem-scan-failed = You are not hearing others: { $detail }. The program tries again automatically. If this stays, run "vungxanh doctor".
problem-clock = The clock cannot be trusted ({ $detail }). Sightings are kept but not scored until the authority's time confirms it. Set the clock.
problem-store = Encounters cannot be kept: { $detail }
problem-store-damaged = The store was damaged: { $detail }
problem-sync = The exchange with the authority failed: { $detail }. The program tries again automatically.
problem-report-pending = A report was started and not finished. Run "vungxanh report CODE" again with the same code: it continues where it stopped.

history-empty = Nothing has been kept yet.
history-day = Day
history-scans = Scans with others near
history-bytes = Bytes
history-own-keys = Own keys

exposures-none = No exposure has been found.
exposures-day = Day
exposures-level = Risk
exposures-near = Near
exposures-medium = Medium
exposures-far = Far
exposures-score = Weighted minutes
exposures-advice = What to do: { $advice }

forget-confirm = What is forgotten cannot be restored. Forget it? [y/N]
forget-done-all = Deleted: whom you were near, your own keys, exposures, check-ins and the diary. Nobody can bring them back. The health authority stays chosen.
forget-done-day = Deleted what was kept for { $day }. Nobody can bring it back.

export-done = Your data is in { $file } ({ $bytes } bytes), sealed by your passphrase.
failure-import-cut-short = The file did not arrive whole, so nothing was taken over. Import it again.
failure-import-clock = The clock of this device cannot be trusted, so nothing was taken over. Set the clock, then import again.
failure-import-unknown = The file holds records that this program does not know, so nothing was taken over. It may be of a newer vungxanh, or not be yours.
failure-import-malformed = The file holds something that cannot be right, so nothing was taken over ({ $detail }). Use another copy.
import-done = Added to what was here. Sightings: { $scans }; own keys: { $keys }; exposure windows: { $windows }; visits with a warning: { $visits }. Own keys from a file can be published and are not broadcast. The authority is not taken over: if none is chosen here, run "vungxanh enroll".

event-started = Vung Xanh is running. Control socket: { $socket }. Radio: { $radio }.
event-tracing = Tracing has begun.
event-mended = Solved: { $what }
event-exposure = You were exposed on { $day }; risk: { $level }. See: vungxanh exposures
event-look-alike = A dummy upload was sent.
event-published = { $periods ->
    [one] Your keys of { $periods } period were published.
   *[other] Your keys of { $periods } periods were published.
 }
event-stopped = Vung Xanh has stopped.

failure-not-tracing = See above what to do.
failure-profile = The profile cannot be used: { $detail }
failure-profile-of-another = { $folder } belongs to another user (number { $owner }; this program runs as { $own }). Run it as that user, or choose another folder with --profile. This holds for root, too.
failure-not-a-profile = { $folder } is neither empty nor a profile of this program: { $found } is in it. Nothing was changed. Choose a new or empty folder with --profile.
failure-locked = { $detail }
failure-store = The store failed: { $detail }
failure-not-writable = You may not write to the profile: { $detail }. Use a folder of your own that can be written, with --profile.
failure-archive = Your data could not be written or read: { $detail }
failure-radio = { $detail }
failure-calibration = The calibration of this machine cannot be used: { $detail }
failure-scan-settings = The radio's settings cannot be used: { $detail }. Correct the file or remove it.
failure-forget-what = Say what to forget: --day DATE or --all.
failure-needs-yes = This asks for confirmation, and nobody can be asked here. Add --yes.
failure-declined = Nothing was changed.
failure-bad-date = "{ $date }" is not a date. Write it as 2026-03-01 or 01/03/2026.
failure-write-file = { $file } cannot be written: { $detail }
failure-read-file = { $file } cannot be read: { $detail }
failure-passphrase-unreadable = The passphrase cannot be read: { $detail }
failure-passphrase-missing = A passphrase is needed. Run this in a terminal, or add --passphrase-file FILE.
failure-passphrase = The passphrase cannot be used: { $detail }
failure-passphrase-short = The passphrase is too short: use at least { $least } characters, preferably several words.
failure-passphrases-differ = The two passphrases are not the same. Nothing was written.

# nearby
help-nearby = Show the devices heard now, under short hashes; on a terminal, kept up to date
help-nearby-once = Show them once and end
nearby-last-scan = Last scan: { $time }
nearby-nobody = No devices are heard nearby.
nearby-hash = Device
nearby-rssi = Signal (dBm)
nearby-strongest = Strongest
nearby-attenuation = Attenuation (dB)
nearby-since = Since
nearby-last = Last heard
nearby-note = Devices change their identifier about every 10 minutes and then appear as others. A strong signal says little about distance.
nearby-note-detail = Devices change their identifier about every 10 minutes and then appear as others. The attenuation assumes that they send with this device's power. It says little about distance.
status-calibration = Radio calibration
status-scan-restarts = Scan restarts
calibration-known = { $power } dBm, correction { $correction } dB
calibration-unknown = { $power } dBm, correction { $correction } dB (not calibrated: distances are rough)
problem-scan-stopped = Scanning had stopped and is being restarted. If this stays, run "vungxanh doctor".

# doctor
help-doctor = Check whether tracing can work on this machine, and say how to fix what does not
help-doctor-radio = Radio to check, as for run. Default: that of the running daemon, or else the adapter that it would use
doctor-good = [ ok ] { $text }
doctor-weak = [weak] { $text }
doctor-bad = [FAIL] { $text }
doctor-clock = The clock shows { $detail }.
doctor-clock-wrong = The clock shows { $detail }, which is in the past. Set it: timedatectl set-ntp true
doctor-calibration = The radio of this model is calibrated: { $detail }
doctor-calibration-unknown = This model is not calibrated: distances are rough, and other devices are told so. If you have measurements, write a calibration.toml (model -> file: { $detail })
doctor-calibration-wrong = { $detail }. Correct the file or remove it.
doctor-scan-settings = Listening time / time between two scans: { $detail }
doctor-scan-settings-wrong = { $detail }. Correct the file or remove it.
doctor-simulated = The radio is simulated ({ $detail }): nothing outside this machine is heard, so nobody is traced. Start the daemon with a Bluetooth adapter: vungxanh run --radio bluez
doctor-no-bus = { $detail }. Install and start dbus.
doctor-no-bluez = { $detail }. Install BlueZ and start it: systemctl enable --now bluetooth
doctor-denied = { $detail }. Log in at this machine, or install the policy file of this program (docs/operations.md).
doctor-bluez-fails = { $detail }. Restart it: systemctl restart bluetooth
doctor-bluez-version = BlueZ { $detail }
doctor-bluez-version-unknown = The version of BlueZ is not known (bluetoothctl is not installed).
doctor-adapter = Adapter { $detail }
doctor-no-adapter = There is no adapter for { $detail }. Plug one in, choose another with --radio, or load its driver (dmesg | grep -i bluetooth).
doctor-another-radio = This is not the radio that the daemon uses, which is { $detail }. To check that one, run vungxanh doctor without --radio and without VUNGXANH_RADIO
doctor-adapter-off = Bluetooth is switched off on { $detail }. Switch it on: busctl set-property org.bluez /org/bluez/{ $name } org.bluez.Adapter1 Powered b true (if that fails: rfkill unblock bluetooth)
doctor-cannot-advertise = { $detail } cannot advertise (it needs Bluetooth 4.0 or newer with LE, or another program uses all slots). Use another adapter.
doctor-no-slot = Other programs use all advertisements that the adapter can send ({ $detail }), so none is left for this program. Stop one of those programs. BlueZ does not say which they are: "bluetoothctl show" counts them, "busctl --system list" names the programs on the system bus (a bluetoothctl with "advertise on", a desktop that offers sharing). Or use another adapter.
doctor-advertising = Advertisements: { $detail }
doctor-legacy-advertising = { $detail } has no extended advertising (Bluetooth 5): the advertisements of all programs take turns at one address. While another program advertises, an identifier can be seen for a moment under the previous address, which links identifiers to each other. Let no other program advertise, or use an adapter with Bluetooth 5.
doctor-public-address = Others can find the adapter: advertisements would be connectable and could show its own address { $detail }, by which it can be tracked, so this program broadcasts nothing. Make it undiscoverable: busctl set-property org.bluez /org/bluez/{ $name } org.bluez.Adapter1 Discoverable b false
doctor-left-connectable = Others cannot find the adapter but can connect to it, which is how BlueZ leaves it when the time for being found runs out: advertisements could show its own address { $detail }, by which it can be tracked, so this program broadcasts nothing. Make it discoverable once more and then end that: busctl set-property org.bluez /org/bluez/{ $name } org.bluez.Adapter1 Discoverable b true, then the same with false
doctor-fresh-address = Advertisements use a new address each time, which nobody can resolve. If a program makes the adapter discoverable or connectable, they show its own address { $detail } instead.
doctor-privacy-extended = Privacy is on in /etc/bluetooth/main.conf: advertisements use new addresses, but devices paired with { $detail } recognise each of them. Set Privacy = off there, then: systemctl restart bluetooth. Keep the adapter undiscoverable.
doctor-privacy-legacy = Privacy is on in /etc/bluetooth/main.conf and { $detail } has no extended advertising: the kernel keeps one address for 15 minutes, while identifiers change about every 10, so one address links two identifiers. Devices paired with it recognise every address. Set Privacy = off there, then: systemctl restart bluetooth. Keep the adapter undiscoverable.
doctor-duplicate-filter = { $detail }: Linux lets the controller report each device only once in a scan window, so a distance may rest on one reading. With an advertisement monitor it would report more often, but BlueZ offers none here.
doctor-duplicate-filter-monitors = { $name }: Linux lets the controller report each device only once in a scan window, so a distance may rest on one reading, unless a program has an advertisement monitor. BlueZ offers such monitors here ({ $detail }); this program does not use one.
doctor-daemon = The daemon runs and traces with { $detail }.
doctor-daemon-stopped = The daemon is not running. Start it: systemctl --user start vungxanh (or: vungxanh run)
doctor-daemon-not-tracing = The daemon runs with { $detail }, but nothing that it hears counts at the moment. See: vungxanh status
