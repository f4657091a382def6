# Adapter 0 advertises service data under 0xFD6F; adapters 1 and 2 listen. Adapter 1 hears it first
# at -58 dBm, then at -83; adapter 2 never does. Arguments: the service data in hexadecimal.
payload="$1"

pair 0 1 -58
pair 0 2 never
for adapter in 0 1 2; do power "$adapter" true || fail "adapter $adapter stays off"; done

listen() {
    echo "select $(property "$1" Address)"
    sleep 5
    echo "scan le"
    sleep 50
}
start_listening
advertise 0 "$payload" 60 &
listen 1 | bluetoothctl >/output/listen-1.log 2>&1 &
listen 2 | bluetoothctl >/output/listen-2.log 2>&1 &
sleep 30
pair 0 1 -83
sleep 20
stop_listening air
