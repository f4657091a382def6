# The audit log: looking for entries, its chain

audit-entries = Entries
audit-from = From day
audit-until = Through day
audit-actor = Who (login or name)
audit-any = Any
audit-kind = Subject
audit-kind-account = Account
audit-kind-api-key = API key
audit-kind-venue = Venue
audit-kind-unit = Unit
audit-kind-poster = Poster
audit-kind-code = Code
audit-kind-document = Authority document
audit-kind-export-key = Export key
audit-kind-venue-key = Key for venues
audit-kind-intake-key = Key of declarations
audit-kind-period = Publication period
audit-kind-request = Request
audit-number = Number
audit-detail = Details
audit-search = Search
audit-all = Show all entries
audit-none = No entries here
audit-csv = Save these entries as CSV
audit-csv-more = There are more than { $limit } entries. Search for fewer days.
audit-day-unreadable = Write the day like 2026-11-30.
audit-days-reversed = The last day is before the first day. Change one of them.
audit-actor-unreadable = The name is too long or contains hidden characters. Type it again.
audit-choose = Choose one from the list.
audit-kind-needed = Choose the kind of subject that this number belongs to.
audit-number-unreadable = A number consists of digits only.

audit-chain = Proof against changes
audit-chain-intro = Each entry carries the hash of the one before, so that nobody can change, delete or insert an entry unnoticed, as long as the newest hash is also kept elsewhere. Print it regularly, and keep it where the database's administrators have no access.
audit-entry = Entry { $number }
audit-head = Newest entry
audit-hash = Its hash
audit-print-head = Print the newest hash
audit-check = Check the chain
audit-head-title = Newest entry of the audit log
audit-head-intro = Print this page and keep it in a place that nobody who works on the server can reach. With it you can prove later that no entry up to this one has been changed.
audit-head-qr = QR code of the newest entry of the audit log
audit-head-line = To check, type this line or paste it from the code:
audit-head-signed = Printed by, date, signature:
audit-asked-head = Hash that was written down earlier (optional)
audit-asked-head-hint = The whole line: number, time and hash, as it is printed or stands in the log of operations
audit-head-unreadable = This cannot be read. Type the whole line: vxa1, the number, the time, and all 64 digits of the hash.
audit-check-again = Check
audit-check-means = The check shows whether entries fit together. Somebody who can write to the database could have rewritten all of them: only comparing with a hash that is kept elsewhere rules that out, for the entries up to that one.
audit-whole =
    { $entries ->
        [0] The log is empty.
        [one] The chain is whole: 1 entry was checked.
       *[other] The chain is whole: { $entries } entries were checked.
    }
audit-not-whole = The log was changed outside of this program:
audit-more-faults =
    { $number ->
        [one] and 1 more fault.
       *[other] and { $number } more faults.
    }
audit-fault-changed = Entry { $entry } was changed.
audit-fault-moved = The entry at number { $entry } was number { $other } before: entries were reordered.
audit-fault-missing = Between entries { $entry } and { $other } entries were deleted, or entry { $entry } was replaced.
audit-fault-replaced = Entry { $entry } was replaced by another one.
audit-fault-not-chained = Entry { $entry } was inserted.
audit-fault-cut-off = The end was deleted: the last entry is { $entry }, but there were { $other }.
audit-fault-past-end = Entry { $entry }, and what follows it, was inserted after the end.
audit-compared-continues = The log continues the hash that was written down: no entry up to number { $number } has been changed since.
audit-compared-cut-off = The log does not reach the entry that was written down: entries up to number { $number } were deleted, or an older backup was restored.
audit-compared-deleted = The entry that was written down, number { $number }, was deleted.
audit-compared-rewritten = The entry that was written down, number { $number }, is another one now: the log was rewritten at this entry or before it.
audit-head-is = Newest entry: number { $number }, { $time }
error-audit = the audit log was changed outside of this program, or does not continue the hash given
error-audit-empty = nothing has been logged yet
error-audit-head = it is neither the head of an audit log nor a file with one
help-audit = The audit log as a chain
help-audit-verify = Check that no entry was changed, deleted, reordered or inserted
help-audit-verify-head = The line that was written down earlier, or a file with it: a backup's backup.json, or what audit head printed
help-audit-head = Print the newest entry's number, time and hash, to be kept elsewhere
