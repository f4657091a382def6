# Desktop notifications. Others may see them: no day, no place, no level. Without < > &.
# The first line names the program: many services show its name nowhere else.

help-run-no-notifications = Show no desktop notifications
help-doctor-no-notifications = Do not look whether desktop notifications can be shown

notice-program = Vung Xanh
notice-exposure = Vung Xanh: you may have been exposed
notice-exposure-body = For details and what to do, open a terminal and run: vungxanh exposures
notice-not-tracing = Vung Xanh: contact tracing is not working
notice-not-enrolled-body = No health authority is chosen. Choose one with: vungxanh enroll
notice-authority-expired-body = The health authority's document has expired and a newer one could not be downloaded. Check the network. More: vungxanh status
notice-radio-off-body = Bluetooth is switched off. Switch it on again.
notice-radio-missing-body = There is no Bluetooth adapter. How to fix it: vungxanh doctor
notice-radio-failed-body = Bluetooth does not work. How to fix it: vungxanh doctor
notice-store-body = Nothing can be saved; perhaps the disk is full. More: vungxanh status
notice-clock = Vung Xanh: this device's clock cannot be trusted
notice-clock-body = Until the clock is confirmed, times near others do not count. Set the clock and check the network.
notice-sync = Vung Xanh: no new warnings are received
notice-sync-body = The health authority could not be reached for a day. Check the network. More: vungxanh status
notice-check-ins = Vung Xanh: check-ins could not be saved
notice-check-ins-body = Warnings may miss the places where you are now. More: vungxanh status
notice-declaration = Vung Xanh: a declaration was not delivered
notice-declaration-body = Nobody has read it. To see which one it is, and to declare again: vungxanh declarations
notice-declaration-keys = Vung Xanh: keys of declarations contradict each other
notice-declaration-keys-body = Nothing is sealed to them. Please report it to the health authority. More: vungxanh status
notice-visit-ends-soon = Vung Xanh: your visit ends automatically at { $time }
notice-visit-ends-soon-body = Staying longer? Scan the code again, or run: vungxanh extend
notice-visit-ended = Vung Xanh: your visit ended automatically at { $time }
notice-visit-ended-body = Still there? Scan the code again.

doctor-notifications = Desktop notifications are shown by { $detail }.
doctor-notifications-on-demand = A program that shows desktop notifications is started when it is needed.
doctor-no-session-bus = There is no session bus ({ $detail }): no desktop notification will be shown. Install dbus-user-session and log in again, and run the daemon with systemctl --user.
doctor-no-notifications = No program shows desktop notifications: only "vungxanh exposures" and "vungxanh status" tell you. If this machine has a screen, install one, for example: apt install dunst
doctor-notifications-fail = The program that shows desktop notifications does not answer ({ $detail }). Log out and in again.
