# Commands on files: keys, match.

help-export-files = Export files, or folders whose *.zip are meant
help-public-key = The authority's public keys (P-256): PEM, whatever stands around it, or Base64; every key of the file is tried, and the option can be repeated
help-sightings = Recorded sightings: CSV with the header time,identifier,metadata,rssi (Unix seconds, hex, hex, dBm)
help-clock-tolerance = Intervals of 10 minutes by which clocks may differ (default: the configuration's, or 12)
help-config = Authority document with the parameters (default: 12 intervals, plain GAEN, risk model of ENX)
help-unverified = Do not check signatures; the result says so

note = { $text }

files-none = { $folder }: no *.zip in this folder. Give the export files themselves or another folder.
files-unreadable = { $file }: cannot be read ({ $detail }). Check the name and your permissions.
files-too-large = { $file }: larger than the { $limit } bytes allowed. Is it the right file?

export-not-an-export = { $file }: not an export file. It is neither a zip nor does it start with "EK Export v1".
export-no-entry = { $file }: not an export file. The zip has no entry export.bin.
export-duplicate-entry = { $file }: refused, the zip has several entries named { $entry }.
export-wrong-header = { $file }: wrong header. export.bin starts with "{ $found }" instead of "EK Export v1    ".
export-damaged = { $file }: damaged ({ $detail }). Download it again.
export-unsupported-zip = { $file }: the zip uses something that export files do not ({ $detail }).
export-too-large = { $file }: refused, { $what } is larger than the { $limit } { $unit } allowed.
export-impossible-chunk = { $file }: says that it is chunk { $num } of { $size }, which is impossible.
export-not-signed = { $file }: not signed.
export-signature-count = { $file }: signatures in the file: { $signatures }, named in its header: { $infos }.
export-other-chunk = { $file }: the signature is for chunk { $num } of { $size }, not for this one.
export-unknown-algorithm = { $file }: unknown algorithm "{ $algorithm }" of the signature. Known are 1.2.840.10045.4.3.2 (ECDSA with SHA-256) and 1.2.840.10045.4.3.4 (with SHA-512).
export-unknown-key = { $file }: signed by key { $signer }, which is not the given public key.
export-bad-signature = { $file }: the signature is wrong. The file was altered or signed by someone else; check that the public key is this authority's.
export-changed = { $file }: changed while it was being read. Try again.
export-invalid-public-key = { $file }: not a P-256 public key ({ $detail }). A key is PEM and begins with "BEGIN PUBLIC KEY", or its Base64 alone.
export-other-error = { $file }: { $detail }
export-extra-entry = { $file }: ignored the extra zip entry "{ $entry }".
export-info-differs = { $file }: export.sig names another key than export.bin.
export-chunk-unsaid = { $file }: export.sig does not say for which chunk it is.
export-invalid-keys = { $file }: damaged keys skipped: { $count }, the first because { $detail }.
export-incomplete = Missing chunk: the batch of region { $region } from { $start } to { $end } (Unix seconds) has { $size } files; missing: { $missing }.

key-length = it has { $bytes } bytes instead of 16
key-period = its rolling period { $period } is outside 1 to 144
key-start = it has no valid first interval
key-report-type = its report type { $number } is unknown
key-malformed = it cannot be read

keys-file = File
keys-region = Region
keys-window = Window
keys-chunk = Chunk
keys-keys = Keys
keys-revised = Revised
keys-signer = Signer
keys-verdict = Signature
keys-verdict-right = verified
keys-verdict-failed = FAILED
keys-verdict-unsigned = not signed
keys-verdict-unasked = not checked
keys-total = Files: { $files }, unreadable: { $failed }. Keys: { $keys }.
keys-total-verified = Files: { $files }, verified: { $verified }, failed: { $failed }. Keys in verified files: { $keys }.
keys-unreadable = Files that could not be read: { $failed }. The reasons are above.
keys-not-verified = Files that did not verify: { $failed }. The reasons are above.
keys-incomplete = Batches that lack files: { $count }. Get the missing chunks and verify again.

sightings-empty = { $file }: no sightings. The first line must be time,identifier,metadata,rssi and each further line one sighting.
sightings-header = { $file }: the first line is "{ $found }", but must be time,identifier,metadata,rssi (Unix seconds, 32 hex digits, 8 hex digits, dBm). Convert the file.
sightings-too-many = { $file }: more than { $limit } rows. Split the file.
sightings-damaged-row = Line { $line } skipped: { $reason }.
sightings-damaged-more = More damaged lines skipped: { $count }. --json lists all.
row-columns = not 4 columns
row-time = the time is not in Unix seconds
row-identifier = the identifier is not 32 hex digits
row-metadata = the metadata is not 8 hex digits
row-rssi = the signal strength is not -127 to 20 dBm

match-config = { $file }: no usable authority document ({ $detail }).
match-incomplete = Batches that lack files: { $count }. Without them exposures could be missed: get the missing chunks, or use --unverified.
match-unverified = UNVERIFIED: nobody vouches for these keys.
match-altered = Sightings dropped: { $count }. Their identifier belongs to a key, but their metadata was altered.
match-future = Keys ignored because they begin in the future: { $count }. Is this computer's clock right?
match-summary = Keys read: { $keys } (files: { $files }). Sightings: { $sightings } (damaged rows skipped: { $damaged }, altered sightings dropped: { $altered }). Keys that match: { $matched-keys }, sightings that match: { $matched-sightings }.
match-time = Time
match-key = Key
match-interval = Interval
match-power = Power sent
match-rssi = Received
match-loss = Attenuation
match-windows = Exposure windows
match-start = Start
match-duration = Duration
match-scans = Scans
match-nearest = Least attenuation
match-days = Daily summaries (UTC days, scores in weighted minutes)
match-no-days = No day has a score.
match-day = Day
match-score = Score
match-longest = Highest window
match-level = Level
match-more = ... and { $count } more; --json lists all.
