# Requests to venues as staff look back on them: search, cancelling, reminding; visits from the case's screen.

warn-search = Search requests
warn-any-state = Any state
warn-since = Asked from
warn-through = Asked through
warn-show = Show
warn-show-all = Show all
warn-none-found = No request was found. Published requests are forgotten when no device keeps visits of their hours any more.
warn-asked = Asked
warn-poster = Poster { $characters }
warn-scan = Scan the person's screen
warn-scan-stop = Stop the camera
warn-show-visits = Show the visits
warn-visits-found = Visits that the person disclosed: choose those to ask about
warn-visits-needed = Scan or paste the visits first.
warn-choose-visit = Choose at least one visit.
page-warn-camera-none = This device has no camera that the browser can use. Paste the visits instead.
page-warn-camera-denied = The browser may not use the camera. Allow it in the browser's settings, or paste the visits instead.
page-warn-scanning = Hold the person's screen before the camera.
page-warn-other-code = This code holds no visits.
page-warn-read = Visits read: { $count }
pager = Pages
pager-before = Previous page
pager-after = Next page
request-state-cancelled = cancelled
warning-cancel = Cancel the request
warning-cancel-sure = Cancel request { $number }?
warning-cancel-waiting = The venue no longer sees the request and can no longer answer it. Its visitors are not warned because of this visit.
warning-cancel-approved = The venue has answered. The warnings that wait for the next batch are deleted, and visitors get none of them.
warning-cancel-published = Warnings that have been published already cannot be taken back: devices may have fetched them. The same visit can be asked for again later.
done-request-cancelled = The request has been cancelled.
remind-title = Remind the venue
remind-text = The venue gets a text message that a request waits, and nothing of what it asks.
remind = Send a reminder
remind-from = The venue can be reminded from { $time } on. If it is urgent, call it.
remind-off = This authority sends no text messages to its venues: call the venue.
remind-too-many = As many messages to venues have been sent as are allowed in an hour: call the venue.
remind-not-sent = The message could not be sent. Try again later, or call the venue.
remind-last = Last on { $time }.
remind-count =
    { $times ->
    [one] Reminded once.
   *[other] Reminded { $times } times.
}
remind-often =
    { $times ->
    [one] The venue was reminded once: call it now.
   *[other] The venue was reminded { $times } times: call it now.
}
done-venue-reminded = The venue has been reminded.
sms-request-reminder = Vung Xanh: a request of the health authority still waits for your venue. Log in to answer it:
audit-venue-reminded = Venue reminded
audit-request-cancelled = Request cancelled

venues-search = Look for a venue
venues-text = Name, telephone or poster
venues-text-hint = Words of the name or address without diacritics, a telephone number, or the 8 characters on a poster.
venues-any-province = All
venues-find = Find
venues-any = All
venues-none-found = No venue was found. Venues of other states are in the other tabs.
venues-reset = Clear the search
