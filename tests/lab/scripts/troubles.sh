# Persons 0 and 1 are near each other while 1's adapter is switched off and on, and while bluetoothd is
# killed and comes back. Adapter 2 hears every repetition.
. /mnt/tracing.sh

two_meet

power 1 false
note off
sleep 5
used="$(processor_ms "${DAEMONS[1]}")"
sleep 175
echo "$(($(processor_ms "${DAEMONS[1]}") - used))" >/output/processor-while-off.txt
ask 1 status-off status
ask 1 doctor-off doctor --radio bluez:hci1
[ "$(property 1 Powered)" = false ] || fail "the radio was switched on behind the person's back"
power 1 true
note on
sleep 200
ask 1 status-on status || fail "person 1 is not tracing after the radio was switched on"

kill_bluetoothd
note killed
sleep 120
for person in 0 1; do ask $person status-killed status; done
ask 0 doctor-killed doctor --radio bluez:hci0
start_bluetoothd || fail "bluetoothd does not come back"
for adapter in 0 1 2; do power $adapter true; done
sniff 2 all
note restarted
sleep 400
for person in 0 1; do
    ask $person status-restarted status || fail "person $person is not tracing after the restart"
done
ask 0 doctor-restarted doctor --radio bluez:hci0
for person in 0 1; do leave $person || fail "person $person does not stop"; done
note left
stop_listening air
