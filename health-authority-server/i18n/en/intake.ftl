# Declarations in officers' browsers. Texts for the script begin with page-intake-.

nav-intake = Health declarations
role-intake_officer = Intake officer
refused-not-intake-officer = Health declarations are read by intake officers only, each with a key of their own. An administrator's account cannot read them. Whoever is to read them needs an account with the role “intake_officer” (staff add), and has to be added as an officer (officer add).
intake-card = Read declarations with your own key, call people, note what was said.
audit-officer-key-set = Officer's key handed in
audit-declarations-fetched = Declarations fetched
audit-access-given = Access given
audit-of-intake-key = Key of declarations { $number }
audit-access-to = to officer { $number }
intake-group-all = all provinces
intake-noscript = This page needs JavaScript: declarations are opened in this browser, nowhere else.
intake-error-not-an-officer = Your key is not among the officers' keys. Ask the administrator.
intake-error-no-key = There is no key for this day and group that you could open, or it was destroyed.
intake-error-key-taken = Another account has handed in this key. Make a key of your own.
intake-error-weak-key = This is not a key. Make it again.
intake-error-not-a-register = The notes could not be stored: they have another size than expected.
intake-error-other-version = Another officer stored notes at the same time. Try again.
intake-error-unknown-officer = There is no such officer any more.
intake-error-too-many = This is too much at once.
intake-error-failed = Something went wrong on the server. Nothing is lost; try again later.

# The officer's own key
officer-key-make-why = Declarations are sealed to officers' keys. Your key is made in this browser and never leaves it: the server gets only its public part, so it can read no declaration.
officer-key-make-steps = Three steps: choose a passphrase, put the recovery code on paper, type it back. This takes about five minutes; have a printer or pen and paper ready.
officer-key-foreign-line = Public key that “intake keygen” printed (64 characters)
officer-key-passphrase-hint = At least { LIMIT("passphrase-least-characters") } characters; four or five words that do not belong together are good. You need it each time you open declarations.
officer-key-sheet-code = Recovery code of an officer's key. Anyone who has it can read declarations.
officer-key-sheet-warning = With this code the key can be restored on another device, on the page “Health declarations”. The health authority never asks for it.
officer-key-restore-text = You have handed in a key, but it is not in this browser. Take the key file that you saved, or the recovery code from the paper.
officer-key-lost = Have you lost the passphrase, every device and the paper? Then make a new key and have it added. Another officer can give it access to the days before.
page-intake-not-a-key-file = This is not a key file of an officer, or it is damaged. Choose another one or use the recovery code.
page-intake-code-other-key = This is the key of another officer, or an earlier one of yours.
page-intake-not-a-line = This is not the public key that “intake keygen” printed: 64 characters, digits and the letters a to f.
page-intake-remake-sure = Make a new key? It has to be added by the administrator, and another officer has to give it access to the days before.

# Waiting to be added
intake-waiting-title = Your key has to be added
intake-waiting-text = Give the public key or the file to the administrator who keeps the root key. They call you on a number that they know, you compare the fingerprint, and they run “officer add”. Until then, and after a removal, there is nothing to read here.
intake-fingerprint = Fingerprint of your key
intake-fingerprint-hint = Read these six groups out when the administrator calls. “officer add” has to show the same.
intake-line = Your public key
intake-look-again = Look again
intake-request-file = Save as a file for the administrator
page-intake-still-waiting = Your key has not been added yet.

# Locked
intake-unlock-title = Open your key
intake-unlock-text = The passphrase opens your key in this browser only; it is not sent. What you open is on the screen until you lock, leave or stop using the page for a while, and is stored nowhere.
intake-unlock-do = Open
intake-lock = Lock
page-intake-locked = Locked: everything that was open is gone from this browser.
page-intake-idle = Locked because no one used the page for { $minutes } minutes.

# Days
intake-days = Days
intake-no-days = There is no day with declarations for you yet.
intake-day = Day
intake-group = Group
intake-declarations = Declarations
intake-to-call = To call
intake-open = Open
page-intake-open = Open
page-intake-open-day = Open { $day }, { $name }
page-intake-declarations = Declarations
page-intake-to-call = To call
page-intake-no-access = No access: another officer has to give it
page-intake-group-all = all provinces
page-intake-opening = { $day }: { $count } being fetched and opened
intake-opening-text = The whole day is fetched, so that the server does not learn whom you look for. It is opened in this browser.
intake-opening-stop = Stop
intake-access = Give another officer access to days before
intake-access-text = An officer who was added later can open only days whose keys were made afterwards. You can give access to the other days: what opens them is sealed in this browser to that officer's key. Call them on a number that you know, and have each read out their fingerprint.
intake-own-fingerprint = Fingerprint of your key
intake-no-receivers = Every officer has all the access that you could give.
page-intake-compared = I called { $name }, and we compared both fingerprints
page-intake-compare-first = Compare the fingerprints first, then tick the box.
page-intake-give = Give { $name } access
page-intake-missing = Days and groups that cannot be opened yet: { $count }
page-intake-given = { $name } has access now. Days and groups: { $count }
intake-own-key = Your key, and that of the authority
intake-own-name = Your name in the signed list of officers
intake-root = Fingerprint of the authority's root key
intake-root-hint = This browser remembers the root key from the first visit and refuses another one. Compare it once with the administrator: it is the one that devices enrol with.

# A day
intake-to-days = To the list of days
intake-parts = Parts of this day
intake-tab-forms = Declarations
intake-tab-door = To call, from doors
intake-tab-aside = Set aside
intake-aside-hint = These open but break the rules of declarations: the program that made them is not ours. At most the first 1,000 are shown.
intake-search = Search
intake-search-hint = Name, ward or telephone number, with or without diacritics
intake-all = All
intake-rows = Rows
intake-rows-none = Nothing fits. Change the search or the filters.
intake-name = Name
intake-phone = Telephone
intake-ward = Ward
intake-before = Rows before
intake-after = More rows
intake-door-text = These people had no pass and were at a door at the same time as a case. Anyone can have given a number there: ask first whether they were at that place.
intake-door-none = No one is to be called of doors for this day.
intake-export = Save the chosen rows as a table (CSV)
intake-export-hint = The table is made in this browser from the search and filters above. It is not sealed: copies stay with you and are not deleted with the day.
page-intake-export-sure = Save the chosen rows as a table? It is not sealed. You are responsible for each copy; it is not deleted when the day's time is over.
page-intake-file = declarations
page-intake-day-title = { $day }, { $name }
page-intake-summary = Declarations: { $count }. Urgent: { $number }. To call: { $expected }.
page-intake-junk = Set aside: { $count } that do not open, { $number } that break the rules. They are not in the list.
page-intake-rows = { $from } to { $until } of { $count }
page-intake-noted = notes: { $count }
page-intake-urgency = Urgency
page-intake-urgency-now = Urgent
page-intake-urgency-call = Call
page-intake-urgency-none = No sign
page-intake-kind = Kind
page-intake-kind-population = General
page-intake-kind-movement = Journey
page-intake-kind-entry = Entry
page-intake-kind-daily = Daily symptoms
page-intake-symptoms = Symptoms
page-intake-born = Year of birth
page-intake-venue = Place
page-intake-together = At the same time
page-intake-from = From
page-intake-until = Until
page-intake-companions = Companions
page-intake-called = Called
page-intake-is-called = Called
page-intake-not-called = Not called
page-intake-by = Declared by
page-intake-by-another = Another person; call that person
page-intake-notes = Notes

# A person
intake-back = Back to the list
page-intake-mark = Mark as called
page-intake-unmark = Mark as not called
page-intake-called-by = Called by { $name }, { $day }
intake-notes = Notes
intake-notes-none = No notes yet.
intake-note = New note
intake-note-hint = Sealed in this browser. Every officer of this day and group can read it; the server cannot.
intake-note-do = Store the note
page-intake-note-by = { $name }, { $day }
page-intake-note-drop = Delete this note

# What can go wrong
page-intake-problem-network = The server cannot be reached, or the connection broke off. Nothing was stored. Try again.
page-intake-problem-authority = What the server sent is not signed by the authority's root key, or does not fit. Do not go on; tell the administrator.
page-intake-problem-root = The authority's root key is another one than this browser knows. Do not go on: call the administrator on a number that you know.
page-intake-problem-session = You are not logged in any more. Open this page again and log in.
page-intake-problem-refused = The server refused it ({ $status }). Reload the page and try again.
page-intake-problem-not-an-officer = Your key is not among the officers' keys any more. Ask the administrator.
page-intake-problem-no-key = The key of this day is not there any more: its time is over, or it was destroyed.
page-intake-problem-half = What is stored for you for this day does not open with your key. Ask another officer or the administrator.
page-intake-problem-register = The notes of this day do not open: they were altered. The declarations are shown without them, and nothing can be noted. Tell the administrator.
page-intake-problem-busy = Others are storing notes all the time. What you typed is still here; try again.
page-intake-problem-full = There is no room for more notes on this day and group.
page-intake-problem-wrong-passphrase = Wrong passphrase. Try again.
page-intake-problem-excessive = This key file needs too much memory.
page-intake-problem-closed = The day was closed. Open it again.
page-intake-problem-other = Something went wrong in this browser. Lock, and try again.
