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
declare-consent = Do you agree that this is sent? Type "yes" in full:
declare-sending = Sealing and sending ...
declare-passes = You have { $live } passes to show and { $printed } to print, until { $until }. At a door: vungxanh pass

declare-kind-population = health
declare-kind-movement = journey in the country
declare-kind-entry = entering the country
declare-kind-daily = symptoms of the day

declare-problem-missing = an answer is missing
declare-problem-too-long = it is too long
declare-problem-malformed = it has not the right form
declare-problem-out-of-range = that is not possible
declare-problem-guardian-needed = for a child under 16, a parent or guardian declares

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
