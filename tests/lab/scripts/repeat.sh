# Adapter 0 advertises; adapter 1 scans for 10 s without the controller's duplicate filter, then for
# 10 s with it. Arguments: the service data in hexadecimal.
payload="$1"

pair 0 1 -70
power 0 true && power 1 true || fail "an adapter stays off"
advertise 0 "$payload" 60 &
wait_until 30 is_advertising 0 || fail "adapter 0 does not advertise"

# Straight to the controller: LE Set (Extended) Scan Parameters and Enable.
scan() {
    start_listening
    if [ "$CONTROLLER" = extended ]; then
        hcitool -i hci1 cmd 0x08 0x0041 00 00 01 00 10 00 10 00
        hcitool -i hci1 cmd 0x08 0x0042 01 "$1" 00 00 00 00
        sleep 10
        hcitool -i hci1 cmd 0x08 0x0042 00 00 00 00 00 00
    else
        hcitool -i hci1 cmd 0x08 0x000b 00 10 00 10 00 00 00
        hcitool -i hci1 cmd 0x08 0x000c 01 "$1"
        sleep 10
        hcitool -i hci1 cmd 0x08 0x000c 00 00
    fi >>/output/hcitool.log
    stop_listening "$2"
}
scan 00 unfiltered
scan 01 filtered
