init-done = Made the authority { $id } in { $dir }.
init-staff-key = The staff's API key (header X-API-Key), shown this once; only its hash is kept:
init-root-key = Move { $path } to a safe place off this machine; it is needed only to sign a changed authority document.
init-enrolment = Devices enrol with this line or QR code:
init-next = Next: { $command }
issued-code = Code: { $code }
issued-type = Test: { $type }
issued-expires = Valid until { $time } ({ $minutes } min)
type-confirmed = confirmed
type-likely = likely
type-negative = negative
batch-none = Nothing to publish now.
batch-file = Wrote { $file }
batch-keys = { $keys ->
    [one] One key published.
   *[other] { $keys } keys published, padding included.
}
resigned = Issued the authority document anew with serial { $serial }, valid until { $time }.
resigned-restart = Start the server again so that it uses the new parameters.
config-title = Authority { $id }
config-name = Name ({ $language })
config-url = URL
config-region = Region
config-fingerprint = Fingerprint
config-enrolment = Enrolment
config-serial = Document serial
config-expires = Document valid until
config-listen = Listens on
config-period = Seconds between batches
config-synthetic = Synthetic persons a batch (mean)
config-rolling = Rolling period (intervals)
config-retention = Retention (days)
error = Error: { $reason }
error-input-date = { $option }: { $reason }
