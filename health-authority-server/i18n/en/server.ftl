init-done = Created the authority { $id } in { $dir }.
init-staff-key = The staff's API key (header X-API-Key), shown this once; only its hash is kept:
init-root-key = Move { $path } to a safe place off this machine; it is needed only to sign a changed authority document.
init-enrolment = Devices enrol with this line or QR code:
init-missing = Still missing:
next-database = The database is made by createdb and gets its tables at the first start; the password of its role belongs in keys/database.password (mode 600).
next-messages = Messages: none can be sent, so venues cannot register. Name a gateway in [messages] of config.toml.
next-tls = TLS: the server speaks plain HTTP. Put a reverse proxy with TLS in front of it.
init-next = Next: { $command }
issued-code = Code: { $code }
issued-type = Result: { $type }
issued-expires = Valid until { $time } ({ $minutes } min)
type-confirmed = Positive (confirmed)
type-likely = Suspected
type-negative = Negative
batch-none = Nothing to publish now.
batch-file = Wrote { $file }
batch-keys =
    { $keys ->
    [one] 1 key published, padding included.
   *[other] { $keys } keys published, padding included.
}
revoke-period-sure = Take back all cases whose keys came from { $from } to { $until }? All people of that time need a new code.
period-dropped =
    { $keys ->
    [one] 1 key was not published yet and never will be.
   *[other] { $keys } keys were not published yet and never will be.
}
period-revoked =
    { $keys ->
    [one] 1 published key is revoked with the next batch.
   *[other] { $keys } published keys are revoked with the next batch.
}
resigned = Signed the authority document again: serial { $serial }, valid until { $time }.
resigned-taken-over = A server that runs with this folder works by it within seconds.
config-title = Authority { $id }
config-name = Name ({ $language })
config-url = URL
config-region = Region
config-fingerprint = Fingerprint
config-enrolment = Enrolment
config-serial = Document serial
config-expires = Document valid until
config-listen = Listens on
config-ops-listen = Operations at
config-period = Seconds between batches
config-synthetic = Synthetic persons per batch (mean)
config-rolling = Rolling period (intervals)
config-retention = Retention (days)
error = Error: { $reason }
error-exists = { $path } already exists; choose another folder, nothing was changed
error-file = { $path } cannot be read or written: { $reason }
error-content = { $path } is not valid: { $reason }
error-folder-owner = the folder belongs to another user (number { $owner }). Run the command as that user, for example with sudo -u, also if you are root
error-listen = cannot listen on { $address }: { $reason }; is another server running there?
error-document = the authority document would be refused by devices: { $reason }
error-store = database: { $reason }
error-store-unreachable = the server cannot be reached: { $reason }. See whether it runs, and storage.database in config.toml
error-store-login = the server refused the login: { $reason }. The password belongs in keys/database.password or PGPASSWORD, and pg_hba.conf must let the role in
error-store-no-database = there is no such database: { $reason }. Make it with createdb, owned by the role that the URL names
error-store-no-right = the role lacks a right: { $reason }. It must own the database, or have CREATE on the schema and all rights on its tables
error-store-encoding = its encoding is { $reason }. Make it again with the encoding UTF8
error-store-not-empty = the database to copy into has rows in { $table } already. Give an empty one
error-store-differs = what arrived of { $table } is not what was sent. Nothing was copied; look at the log of the database's server
error-move-from-server = this authority is on a database server already; only one in a file can be moved
error-move-config = the database's line cannot be changed here; write it as "database = ..." below [storage], as init does
error-restore-not-empty = the database has rows already. Make an empty one and name it with --database; the one that is there stays as it is
storage-moved-table = { $table }: { $rows }, { $digest }
storage-moved = Moved { $rows } rows of { $tables } tables to { $to }; of each table both sides have the same count and the same digest. Start the server.
storage-moved-file = What was there before is in { $file }. It holds what the server deletes later: delete it when the server runs.
error-store-newer = it has schema version { $found }, this program knows up to { $known }. Use a newer program
error-database-url = storage.database must be a file or the URL of a PostgreSQL database, such as postgres://vungxanh@db.example.vn/vungxanh
error-database-password-in-url = the database's URL must not hold a password. Put it into keys/database.password, into PGPASSWORD or into ~/.pgpass
error-database-password-file = it must hold the password of the database's role on one line, at most { $most } characters
error-option = { $option }: { $reason }
error-date-form = the date is not of the form YYYY-MM-DD
error-date-range = the date is in the future or more than { LIMIT("days-back") } days ago
error-past-time-form = not a time in the past such as { -example-time }
error-time-form = not a time such as { -example-time }
error-unit-unknown = there is no such unit; its number is shown on the staff's warnings page
error-needs-yes = this asks for confirmation, and nobody can be asked here; add --yes
error-declined = nothing was changed
error-serve = the server stopped: { $reason }
error-publication = publication: { $reason }
error-runtime = the program cannot start its threads: { $reason }
error-json = this cannot be written as JSON: { $reason }
error-restore = { $reason }; restore the file from its backup
error-document-file = the authority document cannot be read: { $reason }
error-config-id = { $what } must be 1 to { $most } letters, digits, '.', '-' or '_', no '.' first
error-config-url-scheme = { $what }: the URL must begin with https:// (http:// only for this machine)
error-config-url = { $what }: the URL must have a host, and no '/' at its end, '#', '?', '@' or spaces
error-config-period = { $what } must be a divisor of { $day }, at least { $least }
error-config-range = { $what } must be { $least } to { $most }
error-config-time-zone = { $what } must be a name such as Asia/Ho_Chi_Minh
error-config-place = { $what } must be a folder or s3://BUCKET/PREFIX, of letters, digits, '.', '-' and '_'
error-s3-not-built = this program was built without S3 (feature "s3"): name folders in storage.exports and storage.warnings, or use a program that was built with it
error-s3-credentials = the store's credentials are missing: set { $id } and { $secret }, or write the access key's id and the secret key here, a line each
error-key-webhook = it must hold { $least } to { $most } visible ASCII characters
error-key-export = the export key cannot be encoded: { $reason }
error-key-pem = not a P-256 private key in PKCS #8 PEM
error-key-hex = not 64 hexadecimal digits
error-key-root = not the root key of the present document; devices would refuse it
error-venue-keys-many = there are already { $most } keys for venues, as many as a document can name; move those whose validity ended long ago out of the folder keys/
error-venue-key-ids = all ids of keys for venues are used
error-venue-key-secrets = it does not hold the three secrets of a key for venues
error-venue-key-pair = its secrets are not those of the .json file beside it
error-requests = { $reason }; save the requests on the venue's page again
error-requests-none = these are not requests for shares
error-requests-format = its format is not known
error-request-poster = the poster of request { $number } cannot be read
error-request-key = the poster of request { $number } carries another key
error-request-seed = a seed is not { $digits } hexadecimal digits
error-request-slot = a slot has an hour of scanning or a seed without the other
total-codes-issued = Codes issued
total-codes-redeemed = Codes used
total-certificates = Certificates made
total-publications = Publications
total-keys-received = Keys received
total-keys-revised = Keys revised
total-look-alikes = Requests of dummy uploads
total-look-alike-publications = Dummy uploads
total-synthetic-persons = Synthetic persons
total-batches = Batches
total-keys-published = Keys published, padding included
venue-key-made = Key { $id } for venues was made; it is used from { $time }.
venue-key-next = Next, so that devices learn of it: { $command }
venue-key-none = This authority has no key for venues yet; make one with venue-key new.
venue-key-row = Key { $id }: from { $from } until { $until }, { $state }
venue-key-in-use = in use
venue-key-followed = valid, followed by a newer one
venue-key-to-come = not in use yet
venue-key-over = no longer valid, kept for visits that were sealed to it
venue-key-unsigned = not in the authority document; run resign
error-export-keys-many = there are { $most } export keys, as many as can be made
error-backup-other = it is that of another authority than { $id }, whose backup this is
error-backup-damaged = it is not as it was when the backup was made; use another backup
error-restore-in-use = a server works on this folder; stop it first
export-key-made = Export key { $version } was made; it signs from { $time }.
export-key-row = Key { $version }: { $state }
export-key-in-use = signs
export-key-followed = followed by a newer one, named as long as its files are listed
export-key-to-come = in the authority document, to sign later
export-key-over = over
export-key-unsigned = not in the authority document; run resign
backup-done = { $files ->
    [one] One file was copied to { $folder }.
   *[other] { $files } files were copied to { $folder }.
}
backup-keep = The backup holds secret keys and what is deleted later: encrypt it, and keep it no longer than the retention period. The root key is not in it.
restore-done = Restored from the backup of { $time }. Start the server.
restore-lost = What happened since { $time } is lost, but for published files that were still here. Codes, sessions and invitations have ended; passwords are those of the backup.
issued-long-instead = 8-digit codes are stopped now, because somebody tries wrong ones: this is a long code.
error-config-countries = { $what } must hold country codes such as "84", without + or leading zeros
total-limit-short-codes = times that 8-digit codes were stopped
total-limit-logins = times that a login was locked
total-limit-unknown-logins = times that many logins were tried that nobody has
total-limit-invitations = times that invitations were stopped
total-limit-registrations = times that registrations were stopped
total-limit-notices = times that messages to venues were stopped
total-limit-case-codes = times that messages with verification codes were stopped

# What /readyz and the log say to who runs the server
ready-database = The database does not take a write within 5 seconds. Nothing can be published until it does; devices are asked to come back. Look at the disk and at other programs that hold the database.
ready-batches = The last batch is more than 10 minutes late. What devices sent is stored and waits. The log says why it was not made.
ready-files = A batch is made, but its file could not be published. It is tried again; look at the folder or store of published files.
ready-keys = The export keys cannot be read from the folder keys. Restore them from the backup.
ready-document-unreadable = The authority document cannot be read. Run “resign”, or restore it from the backup.
ready-document-expired = The authority document has expired, and devices have stopped tracing. Run “resign” now.
ready-document-soon = The authority document expires in { $days } days. Run “resign”.
ready-disk-full = There are { $megabytes } MB of room on the disk: it is full. Make room; it goes on by itself.
ready-disk-little = There are only { $megabytes } MB of room on the disk.
ready-queue-uploads = More uploads wait than the database can take; devices are asked to come back. Look at how long writes to the database take.
ready-queue-passwords = Many passwords are being checked, and further logins are refused: somebody may be trying many.
