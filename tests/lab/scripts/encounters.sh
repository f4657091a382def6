# So many people are alone for a quarter of an hour, then all near each other for five minutes, and so
# on. Arguments: people, encounters.
. /mnt/tracing.sh
mapfile -t people < <(seq 0 $(($1 - 1)))

# all_pairs DBM|never: everybody and everybody else.
all_pairs() {
    local a b
    for a in "${people[@]}"; do
        for b in "${people[@]}"; do [ "$a" -ge "$b" ] || echo "$a $b $1"; done
    done | while read -r a b dbm; do pair "$a" "$b" "$dbm"; done
}

begin_at "2026-12-01 08:00:00"
for person in "${people[@]}"; do power "$person" true || fail "adapter $person stays off"; done
found_authority 36 60 || fail "no authority"
for person in "${people[@]}"; do join "$person" || fail "person $person does not join"; done
start_listening
note listening
account "${people[@]}"
for encounter in $(seq "$2"); do
    # Not always after the same time, so that the windows of one encounter are not those of another.
    sleep $((870 + RANDOM % 60))
    all_pairs -73
    note together
    sleep 300
    all_pairs never
    note apart
done
account "${people[@]}"
for person in "${people[@]}"; do leave "$person" || fail "person $person does not stop"; done
stop_listening air
