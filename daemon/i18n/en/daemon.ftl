about = Contact tracing that tells you that you were exposed, and tells nobody whom you met

help-profile = Folder of the profile (default: the user's data folder)
help-lang = Language of texts
help-json = Print results as JSON on standard output
help-enroll = Choose the health authority whose warnings this device follows
help-run = Run the daemon: exchange identifiers and look for exposures
help-status = Show whether tracing works
help-history = Show how much is kept for each day (never whom you met)
help-exposures = Show days on which you were exposed, and what to do
help-report = Publish your keys after a positive test, with a verification code
help-export = Write your own data to a file sealed by a passphrase
help-import = Read your own data from such a file
help-forget = Destroy what this device has kept
help-keys = Look into export files of an authority
help-keys-show = Show what export files hold, whoever signed them
help-keys-verify = Verify the signatures of export files
help-match = Match recorded sightings against export files
help-air = Simulate the radio between devices on this machine, to try without Bluetooth
help-air-socket = Unix socket to listen on; devices choose it with air:SOCKET#NAME
help-air-seed = Number from which all chance of the simulation is drawn

air-ready = The simulated radio listens at { $socket }. Devices on this machine hear each other when they choose the radio air:{ $socket }#NAME, a different NAME each. Ctrl-C ends it.
failure-air = The simulated radio could not start: { $detail }

failure-not-running = The daemon is not running: nobody answers at { $socket }. Start it with "vungxanh run".
failure-control = The daemon's answer could not be read: { $detail }
failure-runtime = The program could not start: { $detail }
