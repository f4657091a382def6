# Around every page: header, footer, error summary, confirmation, everyone's pages.
menu = Menu
menu-waiting = { $number ->
    [one] 1 waiting
   *[other] { $number } waiting
 }
title-problem = Error:{" "}
summary-title = There is a problem
confirmation-back = Go back, change nothing
foot-contact = This service is run by { $authority }.
foot-hotline = Hotline { $number }
licences = Licences of the software and fonts in use
privacy-title = Privacy
privacy-intro = This service is run by { $authority }. This is what its server stores about you, and what it does not.
privacy-heading-checkin = When you check in
privacy-text-checkin = Your visit stays in your browser and is sealed when it ends. The venue stands behind the # of the address, which browsers do not send. The server learns only that someone opened the page. Sealed visits that are too old for a warning are dropped when you open the check-in page; there you can also delete everything at once.
privacy-heading-declare = When you declare your health
privacy-text-declare = Your declaration is sealed in your browser. Only health officers who have keys of their own can open it, and only until the keys of that day are destroyed. Our server stores the sealed declaration with its day, its kind and the ward; it cannot read who you are. Your pass cannot be traced to your declaration.
privacy-heading-venue = When you register a venue
privacy-text-venue = We store the venue's kind, name and address, its units, the name of the person who registers it and the confirmed phone number, also after the venue has been closed. Health officers can read them. The codes that confirm the number go through the company that sends text messages for us. The venue's secret key never reaches us. What staff count at the door are numbers without names; they are deleted after { LIMIT("count-days") } days; only the daily sum of all venues stays.
privacy-heading-staff = When you work here
privacy-text-staff = The audit log records who logged in and who decided what, and when, for health staff and venues alike. It is not deleted automatically.
privacy-heading-cookies = Cookies
privacy-text-cookies = One cookie keeps you signed in, one remembers the language you chose. Visits, and the venue's key under its passphrase, are in this browser's own storage. There are no cookies for advertising or tracking, and nothing is loaded from elsewhere.
privacy-heading-log = Server log
privacy-text-log = This program does not record your network address. If you want to know what the systems in front of it record, ask us.
privacy-heading-ask = Questions and requests for deletion
accessibility-title = Accessibility
accessibility-intro = Everybody should be able to use these pages: with a keyboard, with a screen reader, with large text, on a small screen, in light and dark.
accessibility-tested = What is tested
accessibility-tested-text = The pages are tested automatically with axe-core against WCAG 2.1 level AA, in Vietnamese and English, in light and dark, on screens from 320 to 1,600 pixels wide and with text at twice its size. Registering a venue, making its key, answering requests and checking in are tested with the keyboard alone. Such tests find only some of the barriers.
accessibility-limits = What does not work yet
accessibility-limits-text = Checking in and the venue's key need JavaScript. Scanning a QR code needs a camera. If you cannot scan it, ask the venue's staff. Posters as PDF have no structure for screen readers.
accessibility-tell = Tell us about what you cannot use
register-progress = Step 1 of 4: registration
register-step-form = Register
register-step-form-text = Fill in the form and confirm your phone number. About 5 minutes.
register-step-approval = An officer reviews it
register-step-approval-text = How long it takes is up to the health authority; your home page shows the result. Meanwhile you can make the venue's key.
register-step-key = Make the venue's key
register-step-key-text = In your browser, with pen and paper at hand. About 5 minutes.
register-step-posters = Print and hang up the posters
register-step-posters-text = Once you are approved. A few minutes.
home-waiting = Waiting for you
home-requests = { $requests ->
    [one] Answer 1 request from the health authority
   *[other] Answer { $requests } requests from the health authority
 }
home-key = Make the venue's key
home-ending = { $posters ->
    [one] Issue or renew 1 poster
   *[other] Issue or renew { $posters } posters
 }
home-refused = Correct the registration, which was refused
key-made-on = Made on { $day }.
people-none = No staff phones yet.
list-example-label = Example of the file
scan-one = Count 1 person
scan-several = { $people ->
    [one] Count 1 person
   *[other] Count { $people } people
 }
venue-street = Street
venue-units = Units
warn-new = New request
authenticator-qr = QR code for the authenticator app
key-strength = Strength of the passphrase
key-working = Working
display-leave = Leave the screen
checkin-heading = Check in
checkin-people = Number of people
checkin-problem = This did not work
checkin-forgotten-title = Deleted
warning-title = Request { $number }
warning-step-asked = The venue was asked
warning-step-answered = The venue answers
warning-step-was-published = The warning has been published
warning-step-published = The warning is published in the next batch
warning-forgotten = The warning was published. Since then the server no longer keeps the venue and the hours of this request.
warning-history = History
error-emblem = this is not a readable PNG of at most { $pixels } pixels a side; SVG is not taken
error-emblem-large = the file is larger than { $kilobytes } kB, or becomes so when it is encoded again
unit-close-sure = Close “{ $unit }”?
poster-revoke-sure = Revoke the poster of “{ $unit }”?
people-close-sure = Stop using the phone of { $name }?
people-close-text = This phone is signed out at once and can count no more. What it has counted stays. It cannot be opened again, but you can add another phone.
decide-close-sure = Close “{ $venue }”?
decide-close-text = All posters of the venue become invalid, and it cannot be opened again. It can still answer requests about the time before.
