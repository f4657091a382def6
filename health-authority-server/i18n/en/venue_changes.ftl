invitation-scan = On the staff’s phone, scan this code with the camera, then press the button on the page that opens:
invitation-qr = Address and code of the invitation
join-from-code = The code of your invitation is filled in. Press the button.
changes-title = Change the registration
changes-link = Change name, address or telephone
changes-intro = Your venue is approved: an officer looks at each change before it is in force. Posters, logins and your key keep working. When the name or the address changes, print the posters again afterwards.
changes-phone-hint = When it changes, a code is sent to the new number first. It is your login as well.
changes-send = Propose the changes
changes-none = Nothing has changed. Change a field, or go back.
changes-waiting = A change waits for an officer.
changes-waiting-since = Proposed at { $time }
changes-withdraw = Withdraw
changes-again = If you send a new proposal, it takes the place of this one.
changes-refused = An officer refused the last change. The reason: { $reason }
changes-approved = An officer approved your change. If the name or the address has changed, print the new posters and hang them in place of the old ones.
changes-kept = The registration stays as it was.
changes-read = Hide this message
sms-login-moved = Vung Xanh: your venue now logs in with another telephone number. If you did not change it, call the health authority.
changes-confirm-title = Confirm the new telephone number
changes-confirm-progress = Before an officer sees the change
changes-phone-taken = This number has an account already. Use another one.
done-changes-sent = The change waits for an officer now. Until then everything stays as it is.
done-changes-withdrawn = The change is withdrawn.
done-changes-old = The change was not confirmed in time. Fill it in again.
done-change-approved = The change is in force.
done-change-refused = The change is refused. The venue reads the reason.
staff-changes = Changes of venues
staff-changes-what = What changes
staff-change-look = Look at the change
staff-change-field = Field
staff-changes-count =
    { $count ->
    [0] No changes of approved venues are waiting.
    [one] 1 change of an approved venue is waiting.
   *[other] { $count } changes of approved venues are waiting.
}
staff-change-title = Change of { $venue }
staff-change-of = Proposed by { $name } at { $time }
staff-change-now = Now
staff-change-new = Proposed
staff-change-phone-confirmed = The new number was confirmed by a code.
staff-change-approve = Approve the change
staff-change-refuse = Refuse the change
staff-change-name-hint = Check that it is still the same place: earlier visits stay with it.
change-field-name = Name
change-field-kind = Kind of place
change-field-ward = Commune, ward or special zone
change-field-street = Street and number
change-field-registrant = Registrant
change-field-phone = Telephone
audit-change-proposed = Proposed a change of the registration
audit-change-withdrawn = Withdrew a change of the registration
audit-change-approved = Approved a change of the registration
audit-change-refused = Refused a change of the registration
