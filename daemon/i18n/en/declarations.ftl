# Health declarations and passes.

help-declare = Declare your health to the authority's officers, and get passes for doors in return
help-declare-file = A form in JSON, as docs/protocol.md section 17 has it
help-declare-printed = How many of the 24 passes are for paper
help-declare-replace = The declaration that this one replaces: its number, as "vungxanh declarations" shows it
help-declare-yes = I have read what is sent, to whom and for how long it is kept, and I agree
help-declarations = Show what you have declared on this device, and what became of it
help-declarations-withdraw = Have a declaration deleted at the authority
help-declarations-id = Its number, as "vungxanh declarations" shows it, or how it begins
help-pass = Show a pass for a door as a QR code
help-pass-next = Take another pass than before: doors cannot connect the two
help-pass-for = The person for whom you declared

declare-what-is-sent =
    What is sent: the answers of this form, sealed on this device. The server and the network see only which kind of form it is, the ward and the day.
    To whom: the officers of { $authority } who may read declarations, at present { $officers }. Nobody else can open it, nor can the server.
    In return: 24 passes for doors. They hold nothing about you, and no one can tell from them whose declaration they belong to.
    You can withdraw it: vungxanh declarations withdraw ID. What an officer has already read or copied stays with the authority.
declare-keys-are-old = The authority's server cannot be reached. The declaration is sealed with the keys fetched before, and sent as soon as there is a network.
declare-consent-ask = Do you agree that this is sent? Type "yes" in full:
declare-sending = Sealing and sending ...
declare-passes = You have { $live } passes to show and { $printed } to print, until { $until }. At a door: vungxanh pass

declarations-kind-population = General declaration
declarations-kind-movement = Travel within Viet Nam
declarations-kind-entry = Entering Viet Nam
declarations-kind-daily = Daily symptoms

declare-problem-missing = an answer is missing
declare-problem-too-long = it is too long
declare-problem-malformed = it has not the right form
declare-problem-out-of-range = that is not possible
declare-problem-guardian-needed = for a child under 16, a parent or guardian declares, or staff who hold their consent

declaration-waiting = Declaration { $id } is sealed and stored. It is sent by itself as soon as the authority's server can be reached, also after a restart; you need not do anything.
declaration-sent = Declaration { $id } has arrived at the authority.
declaration-sent-without-passes = Declaration { $id } has arrived at the authority, but the passes in its answer are not those of its published keys and are not used. Tell the authority.
declaration-too-late = Declaration { $id } could not be delivered on its day, and nobody can open it any more. Declare again: vungxanh declare
declaration-refused = The authority's server does not accept declaration { $id }. Declare again, with a newer program if there is one.
declaration-withdrawing = Declaration { $id } will be withdrawn as soon as the authority's server can be reached.
declaration-withdrawn = Declaration { $id } is deleted at the authority. Its passes stay valid.
declaration-replaced = Declaration { $id } has been replaced by a later one.
declaration-why = { $id }: { $detail }

declarations-none = Nothing has been declared on this device.
declarations-column-id = Number
declarations-column-time = Declared
declarations-column-name = Name
declarations-column-kind = Form
declarations-column-state = State
declarations-column-passes = Passes until
declarations-state-waiting = waiting to be sent
declarations-state-sent = sent
declarations-state-sent-without-passes = sent, without passes
declarations-state-too-late = not sent in time
declarations-state-refused = not accepted
declarations-state-withdrawing = being withdrawn
declarations-state-withdrawn = withdrawn
declarations-state-replaced = replaced
declarations-withdraw-confirm = Have this declaration deleted at the authority? [y/N]

pass-shown = Shown at { $time }. Valid until { $until }; passes not shown yet: { $unused }. The code is too old after three minutes: run the command again.

event-declaration-sent = Your declaration has arrived at the authority.
event-declaration-withdrawn = Your declaration has been withdrawn.
event-declaration-not-sent = Your declaration was not accepted. See: vungxanh declarations

problem-declaration-pending = A declaration is not delivered yet: { $detail }. It is sent again by itself.
problem-declaration-keys = The authority has published two different keys for passes under one name, with which it could recognise people. They are not used. Report it to the office that supervises the authority. ({ $detail })

failure-declare-needs-yes = A declaration is sent only with your consent, and nobody can be asked here. Read what is sent ("vungxanh help declare"), then add --yes.
failure-declare-no-consent = Without your consent nothing was sent.
failure-declare-no-form = { $file } is not a form of a declaration ({ $detail }).
failure-declare-problems =
    The form cannot be sent yet:
      { $problems }
failure-declare-form = The form cannot be sent yet. ({ $detail })
failure-declare-printed = Of the 24 passes, 0 to 24 can be for paper.
failure-declare-not-taken = The authority takes no declarations at present. ({ $detail })
failure-declare-keys = The authority's keys for declarations are not accepted, and nothing was sent. Try again later; if it stays so, report it to the authority. ({ $detail })
failure-declare-unreachable = The authority's server cannot be reached, and its keys were never fetched: without them nothing can be sealed. Check the network and run the same command again; what you have typed is kept. ({ $detail })
failure-declare-too-many = This device keeps no more declarations. ({ $detail })
failure-declaration-unknown = No declaration on this device has that number, or more than one begins so. See: vungxanh declarations
failure-declaration-not-sent = That declaration is not with the authority any more.
failure-no-pass = There is no pass that is valid today. Declare first: vungxanh declare
failure-pass-code = The code cannot be drawn: { $detail }

# The questions
help-declare-kind = Which form: population (the default), movement within the country, entry into it
help-declare-for = Declare for another person, by their full name
help-declare-again = As last time: asks only for what changes
help-symptoms = Declare the symptoms of the day, after an earlier declaration

declare-how =
    Answer each question and press Enter. Each answer is kept on this device, sealed: you can stop at any time and go on later.
    Enter without an answer leaves a question out where it is optional; < goes back.
declare-optional = (optional) { $question }
declare-choice = { $number }  { $text }
declare-not-taken = This answer is not accepted: { $reason }.
declare-continue = There is a draft from an earlier time ({ $name }). Continue it? [y/N]
declare-again-of = As on { $date }: only health and journeys are asked.
declare-provinces = Please write a province or city of today: { $names }
declare-offline = The authority's server cannot be reached at the moment. You can fill in the form; it is sent when there is a network.
declare-summary = Your answers:
declare-kept-for = The authority deletes it { $days } days after its day. This device keeps it, sealed, until { $until } at the latest; "vungxanh forget --all" deletes it here.
declare-kept-unknown = The authority does not say for how long it keeps declarations. This device keeps it, sealed, until { $until } at the latest.

declare-ask-name = Full name, as in papers:
declare-ask-born = Year of birth:
declare-ask-gender = Sex, as in papers:
declare-ask-nationality = Nationality, two letters (VN for Viet Nam):
declare-ask-paper-kind = Which paper do you have?
declare-ask-paper = Its number:
declare-ask-ward = Ward or commune where you stay now (name, diacritics not needed, old names too):
declare-ask-ward-which = Which one?
declare-choice-ward-other = none of these: keep what I wrote
declare-ask-address = House number and street:
declare-ask-phone = Telephone:
declare-ask-email = E-mail:
declare-ask-insurance = Social or health insurance number:
declare-ask-travelled = Were you elsewhere in the last 14 days? (yes or no)
declare-ask-travel = Where were you, and when?
declare-ask-symptoms = What did you feel in the last 14 days (today, on the form of the day)? Numbers with blanks between:
declare-ask-temperature = Body temperature in °C:
declare-ask-contacts = With whom were you in contact in the last 14 days? Numbers with blanks between:
declare-ask-vehicle = How do you travel?
declare-ask-number = Number of the flight, train or vehicle:
declare-ask-seat = Seat:
declare-ask-from-country = Country from which you come, two letters:
declare-ask-from-province = Province or city of departure:
declare-ask-from-gate = Station, airport or gate of departure:
declare-ask-to-province = Province or city of arrival:
declare-ask-to-gate = Station, airport or border gate of arrival:
declare-ask-start = When does the journey begin; on entry, when do you arrive? (day and time)
declare-ask-passport = Passport number:
declare-ask-note = Anything else that an officer should know:
declare-ask-by-name = Your own full name, who declare for this person:
declare-ask-by-phone = Your own telephone:
declare-ask-by-relation = What are you to this person?
declare-ask-consent-held-by = Who holds the parent's or guardian's consent (for example the school and class)?

declare-doubt-year-differs = The number of the citizen card says another year of birth. Is it right as it stands? [y/N]
declare-doubt-sex-differs = The number of the citizen card says another sex. Is it right as it stands? [y/N]

declare-advice-call = Please stay at home and apart from others, wear a mask, and call your health station, or 1900 9095 (hotline of the Ministry of Health). You can go on with the form.
declare-advice-now = Trouble with breathing can be serious. Please call 115 now, sit upright and stay calm; do not travel alone. You can go on with the form later: it is kept.

failure-declare-stopped = Stopped. What you have typed is kept on this device, sealed: "vungxanh declare" goes on with it.
failure-declare-nothing-before = On this device there is no earlier declaration of this person to go by. Run it without --again.
failure-symptoms-first = Declare first: vungxanh declare. Then the form of the day knows who you are.
declare-answer = { $text }
failure-declare-cannot-ask = Questions need a terminal. Run it in one, or hand in a form: vungxanh declare --file FORM.json --yes

# Passes
help-pass-once = Show the code once, and do not renew it
help-pass-png = Write the code as a picture (PNG); it is too old after three minutes
help-pass-sheet = Write the passes for paper as a sheet to print (PDF)
help-pass-national = Show Viet Nam's personal code instead, with your QID of the national platform. It says who you are
pass-shown-live = Shown at { $time }, renewed every 30 seconds. Valid until { $until }; passes not shown yet: { $unused }. Ctrl-C ends it.
pass-picture = The code is in { $file }.
pass-sheet-title = Passes for doors
pass-sheet-how =
    { $count } passes. Cut them apart and use another one at each place: doors cannot connect them then.
    A pass holds nothing about you. It says that a health declaration was made.
pass-sheet-caption = { $from } to { $until }
pass-sheet-done = { $count } passes are in { $file }, valid until { $until }. Print the sheet, then delete the file.
pass-national = This code says your name, paper and telephone number to everyone who scans it. A pass says nothing of them.
failure-pass-national = The national code cannot be made: the QID is letters and digits as the national platform gave it, and name and paper must be declared. ({ $detail })

# The telephone code, where the authority asks for one.
help-declare-code = Read the code of the message to the telephone from standard input, also without a terminal
declare-code-sent = The authority asks for a code, so that nobody declares with another person's number. It was sent as a message to { $phone } and is valid for { $minutes } minutes. If no message comes, press Enter without a code to ask for another one; one number gets at most three a day.
declare-code-ask = The six digits of the code:
declare-code-wrong = That is not the code, or it is too old. Tries left: { $left }. Enter without a code asks for another one.
declare-code-used-up = This code can no longer be used. Press Enter to ask for another one.
failure-declare-code-cannot-ask = The authority asks for the code of a message to the declarer's telephone. Run it in a terminal, or add --code-from-stdin and write the code to standard input.
failure-declare-code-stopped = Stopped before the code was typed. What you have typed is kept: run the same command again and type the code while it is valid.
failure-declare-code-needed = The authority asks for the code of a message to the declarer's telephone, and none is confirmed for today. Run the same command again. ({ $detail })
failure-declare-code-country = The authority sends no codes to this telephone number. Check it, or ask the authority how to declare without one. ({ $detail })
failure-declare-code-not-sent = The authority's server sends no code at present. What you have typed is kept: try again later. ({ $detail })
failure-declare-code-unreachable = A code needs the network, and the authority's server cannot be reached. What you have typed is kept: run the same command again when there is a network. ({ $detail })
