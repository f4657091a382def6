# What a script in the guest can call. Bash, sourced.

# Where BlueZ's emulator reads who hears whom, and how strongly.
export BTVIRT_RSSI=/run/rssi
# And which controllers are unplugged.
export BTVIRT_UNPLUGGED=/run/unplugged

# wait_until SECONDS COMMAND...: until it succeeds; false after so many seconds of the guest's clock.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}

fail() { echo "FAIL: $*"; exit 1; }

# hears LISTENER SPEAKER DBM|never: by adapter numbers; at once, also while the radios run.
hears() {
    { grep -v "^$2 $1 " "$BTVIRT_RSSI"; [ "$3" = never ] || echo "$2 $1 $3"; } >"$BTVIRT_RSSI.new" 2>/dev/null
    mv "$BTVIRT_RSSI.new" "$BTVIRT_RSSI"
}

# pair A B DBM|never: both ways.
pair() { hears "$1" "$2" "$3"; hears "$2" "$1" "$3"; }

# unplug ADAPTER...: takes these controllers out of the machine, and puts all others in.
unplug() {
    echo "$@" >"$BTVIRT_UNPLUGGED"
    kill -USR2 "$(pidof btvirt)"
}

plug_all() { unplug; }

# suspend SECONDS: the machine sleeps (suspend-to-idle), and its clock wakes it; false at a time of day at
# which it would not.
suspend() {
    [ "$(date +%s)" -ge "$(cat /sys/class/rtc/rtc0/since_epoch)" ] || return
    # The alarm of the last time counts as set until the hardware clock has come that far.
    echo 0 >/sys/class/rtc/rtc0/wakealarm
    echo "$(($(date +%s) + $1))" >/sys/class/rtc/rtc0/wakealarm || return
    echo freeze >/sys/power/state
}

start_dbus() {
    mkdir -p /run/dbus
    dbus-uuidgen --ensure && dbus-daemon --system --fork
}

adapters_ready() { [ "$(ls /sys/class/bluetooth 2>/dev/null | grep -c '^hci[0-9]*$')" -ge "$ADAPTERS" ]; }

start_controllers() {
    local kind=()
    [ "$CONTROLLER" = extended ] || kind=(-L)
    : >"$BTVIRT_RSSI"
    /mnt/btvirt "${kind[@]}" -l"$ADAPTERS" >/output/btvirt.log 2>&1 &
    wait_until 60 adapters_ready
}

bluetoothd_ready() { dbus-send --system --dest=org.bluez --print-reply=literal / \
    org.freedesktop.DBus.ObjectManager.GetManagedObjects 2>/dev/null | grep -q "/org/bluez/hci$((ADAPTERS - 1))"; }

start_bluetoothd() {
    /usr/libexec/bluetooth/bluetoothd -n -E >>/output/bluetoothd.log 2>&1 &
    BLUETOOTHD=$!
    wait_until 60 bluetoothd_ready
}

kill_bluetoothd() { kill -9 "$(pidof bluetoothd)"; }

# property ADAPTER NAME: the adapter's property as BlueZ tells it.
property() {
    dbus-send --system --dest=org.bluez --print-reply=literal "/org/bluez/hci$1" \
        org.freedesktop.DBus.Properties.Get string:org.bluez.Adapter1 "string:$2" | awk '{ print $NF }'
}

# switch ADAPTER NAME true|false: sets a property of the adapter, also when BlueZ is busy.
switch() {
    wait_until 10 dbus-send --system --dest=org.bluez --print-reply=literal "/org/bluez/hci$1" \
        org.freedesktop.DBus.Properties.Set string:org.bluez.Adapter1 "string:$2" "variant:boolean:$3" >/dev/null
}

# power ADAPTER true|false: what a person does with the switch.
power() { switch "$1" Powered "$2"; }

# discoverable ADAPTER true|false: whether others can find it, as while its settings are open.
discoverable() { switch "$1" Discoverable "$2"; }

# limit_finding ADAPTER SECONDS: after how long being discoverable ends by itself.
limit_finding() {
    dbus-send --system --dest=org.bluez --print-reply=literal "/org/bluez/hci$1" \
        org.freedesktop.DBus.Properties.Set string:org.bluez.Adapter1 string:DiscoverableTimeout \
        "variant:uint32:$2" >/dev/null
}

is_hidden() { [ "$(property "$1" Discoverable)" = false ]; }

# devices: how many devices BlueZ's cache holds, over all adapters.
devices() {
    dbus-send --system --dest=org.bluez --print-reply=literal / \
        org.freedesktop.DBus.ObjectManager.GetManagedObjects | grep -c 'org.bluez.Device1'
}

# advertise ADAPTER HEX SECONDS: broadcasts service data under 0xFD6F every 250 ms, by bluetoothctl.
# It reads commands as if typed, and ends with its input.
advertise() {
    {
        echo "select $(property "$1" Address)"
        sleep 1
        echo "menu advertise"
        sleep 1
        echo "service 0xFD6F $(echo "$2" | sed 's/../0x& /g')"
        echo "uuids 0xFD6F"
        echo "interval 250 250"
        echo "back"
        sleep 1
        echo "advertise broadcast"
        sleep "$3"
    } | bluetoothctl >"/output/advertise-$1.log" 2>&1
}

is_advertising() {
    dbus-send --system --dest=org.bluez --print-reply=literal "/org/bluez/hci$1" \
        org.freedesktop.DBus.Properties.Get string:org.bluez.LEAdvertisingManager1 string:ActiveInstances |
        grep -q 'byte [1-9]'
}

# start_listening; stop_listening NAME: all that the controllers report in between, as btmon decodes
# it, in /output/NAME.txt.
start_listening() {
    btmon --write /run/listening.btsnoop >/dev/null 2>&1 &
    LISTENER=$!
    sleep 1
}

stop_listening() {
    kill "$LISTENER"
    wait "$LISTENER" 2>/dev/null
    btmon --color never --read /run/listening.btsnoop >"/output/$1.txt"
    rm /run/listening.btsnoop
}
