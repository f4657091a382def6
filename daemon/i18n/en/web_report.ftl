# The person's own page: publishing after a positive test.

web-nav-report = Positive test
web-home-report = Did you test positive?
web-home-report-text = With the code that came with the result you can warn those who were near you, without them learning who you are.
web-home-report-open = Publish your result
web-report-title = Publish a positive test
web-report-intro = Devices that were near yours compare what is published with what they have recorded, and warn their owners. Nobody learns your name from it.
web-report-code = Verification code
web-report-code-hint = 8 digits, or 16 letters and digits. Capitals, spaces and hyphens do not matter.
web-report-look = Look at what would be sent
web-report-nothing-yet = Nothing is sent yet: the next page shows exactly what would be sent, and you choose what to leave out.
web-report-no-code = No code? The health authority gives it to you with your result, in person, by telephone or as a message.
web-report-unfinished = A publication is not finished
web-report-unfinished-unsent = Nothing is public yet. Your code and what you chose are stored on this device, and stay when it is switched off. It is not sent by itself: when there is a network, press “Continue”.
web-report-unfinished-sent = The keys were sent, but no answer came, so that they may be public already. “Continue” finds out and finishes it; nothing is published twice. What is published cannot be changed any more.
web-report-unfinished-periods =
    { $published ->
    [one] To be published: 1 period.
   *[other] To be published: { $published } periods.
}
web-report-unfinished-which = Which periods
web-report-published-days = To be published
web-report-left-out-days = Left out
web-report-column-periods = Periods
web-report-continue = Continue
web-report-another = Use another code
web-report-another-text = If the code has expired meanwhile, type the new one that the authority gave you.

# What would be sent
web-report-choice-title = What would be sent
web-report-not-sent-yet = Nothing has been sent yet.
web-report-sent = This is sent to the health authority
web-report-sent-code = First the verification code, so that the authority knows that your result is real.
web-report-sent-keys =
    { $periods ->
    [one] The key of 1 period, unless you leave it out: a random number, when its use began and for how long. Nothing else is in it.
   *[other] The keys of { $periods } periods, less what you leave out: for each a random number, when its use began and for how long. Nothing else is in them.
}
web-report-sent-result = What the authority itself noted with the code: the kind of result, and the day of the first symptoms if you told it.
web-report-sent-then = The authority publishes the keys with those of others after the last of them has ended, without the code.
web-report-kept = This is not sent
web-report-kept-who = Who you are: no name, no telephone number, no address.
web-report-kept-others = Who was near you: that stays on this device.
web-report-kept-places = Where you were: no place, no visit, nothing of your diary and your health declarations.
web-report-network = As with every page on the internet, the server sees the network address that you send from. All devices send look-alikes now and then, so that nobody can tell from the network who has published.
web-report-leave-out = Leave periods out
web-report-leave-out-text = You need not leave anything out. Who was near you in a period that you tick is not warned.
web-report-leave-out-one = Leave out
web-report-whole-day = Whole day
web-report-next = Go on
web-report-changed = Meanwhile another period has begun or one has expired. Look at the list again; what you ticked is still ticked.
web-report-all-left-out = You have left out every period, so that there is nothing to publish. Remove a tick.
web-report-sure-title =
    { $published ->
    [one] Publish the key of 1 period?
   *[other] Publish the keys of { $published } periods?
}
web-report-sure-left-out =
    { $left_out ->
    [0] Nothing is left out.
    [one] 1 period is left out.
   *[other] { $left_out } periods are left out.
}
web-report-sure-once = The code is good for one publication. What is published cannot be taken back from here.
web-report-sure-end = This device stops using these keys at once and goes on with new ones, so that nobody can recognise it by what was published.
web-report-sure = Publish

# How it went
web-report-under-way = Being sent
web-report-under-way-text = This takes up to a minute. The page shows the result by itself.
web-report-under-way-leave = You can leave this page: sending goes on, and “Positive test” in the menu shows how it stands.
web-report-under-way-look = How does it stand?
web-report-done = Published
web-report-done-periods =
    { $published ->
    [one] The authority has taken the key of 1 period.
   *[other] The authority has taken the keys of { $published } periods.
}
web-report-done-expected = Other devices get them by { $time } at the latest.
web-report-done-next = There is nothing more to do here. The code is used up. Do what the health authority has told you.
web-report-failed = It was not published
web-report-failed-nothing = Nothing was published, and your keys are as before.
web-report-retype = Type a code again
web-failure-code-too-many = Too many attempts. Wait a few minutes, then press “Continue”.
web-report-failure-unreachable = The authority's server cannot be reached. Check the network.
web-report-failure-authority-answer = The authority's server gave an answer that cannot be used. Try again later.
web-report-failure-store-sync = This device could not store or read how far the publication had come. Make room on the disk, then try again.
web-report-failure-publication-refused = The authority's server refused the keys. Ask the authority for a new code.
