# Persons 0 and 1 are near each other while 1's adapter is unplugged and plugged in, while others can find
# it by its address until somebody ends that and until its time runs out, and while the machine sleeps.
# Adapter 2 hears every repetition.
. /mnt/tracing.sh

# absence of the adapter, time limit of being found, sleep of the machine: seconds
unplugged=180
found=60
asleep=2700

two_meet

unplug 1
note unplugged
sleep $unplugged
ask 1 status-unplugged status
ask 1 doctor-unplugged doctor --radio bluez:hci1
plug_all
note plugged
wait_until 60 bluetoothd_ready || fail "the adapter does not come back"
power 1 true || fail "the adapter stays off"
sleep 300
ask 1 status-plugged status || fail "person 1 is not tracing with the adapter plugged in again"

discoverable 1 true || fail "the adapter does not become discoverable"
note discoverable
sleep 120
ask 1 status-discoverable status
ask 1 doctor-discoverable doctor --radio bluez:hci1
discoverable 1 false || fail "the adapter stays discoverable"
note hidden
sleep 240
ask 1 status-hidden status || fail "person 1 is not tracing when no longer discoverable"

limit_finding 1 $found || fail "being found has no limit"
discoverable 1 true || fail "the adapter does not become discoverable again"
note found
wait_until $((found + 30)) is_hidden 1 || fail "the adapter stays discoverable after its time"
note expired
sleep 240
ask 1 status-expired status
ask 1 doctor-expired doctor --radio bluez:hci1
discoverable 1 true && discoverable 1 false || fail "the adapter does not become discoverable once more"
note closed
sleep 240
ask 1 status-closed status || fail "person 1 is not tracing when being found was ended"

note asleep
suspend $asleep || fail "the machine does not sleep"
note awake
sniff 2 all
sleep 300
for person in 0 1; do
    ask $person status-awake status || fail "person $person is not tracing after the machine slept"
done
note left
for person in 0 1; do leave $person || fail "person $person does not stop"; done
stop_listening air
