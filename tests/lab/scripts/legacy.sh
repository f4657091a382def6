# Persons 0 and 1 near each other for so many minutes; adapter 2 hears everything. What doctor says.
# Arguments: minutes.
. /mnt/tracing.sh

begin_at "2026-12-01 08:00:00"
pair 0 1 -73
for adapter in 0 1; do hears 2 $adapter -50; done
for adapter in 0 1 2; do power $adapter true || fail "adapter $adapter stays off"; done
start_listening
sniff 2 new
found_authority 36 60 || fail "no authority"
for person in 0 1; do join $person || fail "person $person does not join"; done
sleep $(($1 * 60))
ask 0 doctor doctor --radio bluez:hci0
for person in 0 1; do leave $person || fail "person $person does not stop"; done
stop_listening air
