# Persons 0 and 1 are near each other for 55 minutes; person 2 is near 1 and out of reach of 0. Person 0
# tests positive and publishes. Adapter 3 hears everything. Arguments: how many hours it all takes,
# at least 2.
. /mnt/tracing.sh
hours="$1"

# Keys of 20 minutes: all of the meeting's are released at 9:00.
begin_at "2026-12-01 07:25:00"
pair 0 1 -73
pair 1 2 -73
for adapter in 0 1 2; do hears 3 $adapter -50; done
for adapter in 0 1 2 3; do power $adapter true || fail "adapter $adapter stays off"; done
start_listening
note listening
sniff 3 new
found_authority 2 4 || fail "no authority"
for person in 0 1 2; do join $person || fail "person $person does not join"; done

minutes_later() {
    local minute
    for minute in $(seq "$1"); do
        sleep 60
        [ $((minute % 10)) -ne 0 ] || sample 0 1 2
    done
}
minutes_later 30
for person in 0 1 2; do ask $person nearby nearby --once; done
minutes_later 25
pair 0 1 never
note parted
minutes_later 10
publish 0 || fail "the report was not taken"
note reported
minutes_later $((hours * 60 - 65))

for person in 0 1 2; do
    ask $person status status || fail "person $person: tracing does not work"
    ask $person exposures exposures
done
for person in 0 1 2; do leave $person || fail "person $person does not stop"; done
stop_listening air
cp -r $AUTHORITY/exports /output/exports
$SERVER config show --dir $AUTHORITY --json >/output/config.json
