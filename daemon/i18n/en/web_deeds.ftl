# The person's own page: camera, a file of own data, one visit of the diary, notifications, a pass that stays open.

web-scan-title = Scan the code
web-scan-start = Start the camera
web-scan-stop = Stop the camera
web-scan-picture = Or read it from a picture
web-scan-picture-hint = A photograph or a screenshot with the whole code in it
web-scan-paste = Or paste the text of the code
web-scan-private = The camera's pictures stay in this browser, and none of them is kept.
web-scan-aim = Hold the code of the poster or screen before the camera. You are checked in as soon as it is read.
web-scan-read = The code was read. You are being checked in.
web-scan-other = This is not the code of a venue's poster or screen. Look for the poster that says “Scan when you arrive”.
web-scan-denied = The browser may not use the camera. Allow it next to the address of this page or in the browser's settings, then start the camera again. Or read the code from a picture, or paste its text.
web-scan-none = No camera was found, or another program has it. Connect one or close that program, read the code from a picture, or paste its text.
web-scan-no-code = No code was found in this picture. Take it from closer, straight from the front, with the complete code in it.
web-scan-no-picture = This file cannot be read as a picture. Choose a photograph or a screenshot.

web-diary-remove = Delete
web-diary-remove-title = Delete this visit from the diary?
web-diary-remove-text = Nobody can bring it back. The sealed visit stays, so that warnings still find it; nobody can read it there.
web-done-diary-visit-removed = The visit was deleted from the diary.
web-done-diary-visit-gone = The diary has no such visit any more.

web-import-title = Take over a file of your data
web-import-what = What is in a file that “Take a copy of your data” or "vungxanh export" has written is added to what is here. Nothing that is here is lost. The chosen health authority is not taken over.
web-import-passphrase = Passphrase of the file
web-import-file = File
web-import-file-hint = Its name ends with .vxarchive; at most 256 MB
web-import = Take it over
web-import-no-file = Choose a file.
web-import-wrong-passphrase = This passphrase does not open the file. Type it again, and choose the file again.
web-imported-title = Taken over
web-imported-added = What is in the file was added to what was here.
web-imported-table = What was not here before
web-imported-windows = Times near a case
web-imported-visits = Visits with a warning
web-imported-too-old = Not taken over, because they are older than what is kept
web-imported-keys = Keys from a file can be published after a positive test. This device does not broadcast them.
web-imported-authority = The health authority is not taken from a file: you choose it yourself.
web-settings-import-text = Data from another device is taken over under “Your data”.
web-settings-import = To “Your data”

web-notifications-on = On
web-notifications-off = Off
web-pass-stays-open = While it shows a pass, this page stays open: as long as the pass is valid, at most 12 hours after you last pressed something.
