# The programs of this repository in a guest: an authority and people's devices. Bash, sourced by
# scripts that need it.

SERVER=/programs/health-authority-server
AUTHORITY=/root/authority
# The processes of the daemons, by adapter.
DAEMONS=()
# What the systemd unit sets for the daemon.
mapfile -t UNIT_ENVIRONMENT < <(sed -n 's/^Environment=//p' /mnt/vungxanh.service)

# The moment at which a script's story begins: the same in every run.
begin_at() { date -u -s "$1" >/dev/null; }

# vx ADAPTER ARGUMENT...: the command line of the person whose device has this adapter.
vx() {
    local person="$1"
    shift
    /programs/vungxanh --profile "/root/person-$person" --lang en "$@"
}

# found_authority ROLLING_PERIOD SYNC_MINUTES: keys change every ROLLING_PERIOD times 10 minutes,
# devices look for batches every SYNC_MINUTES on average; a batch every 5 minutes.
found_authority() {
    $SERVER init --dir $AUTHORITY --profile covid-19 --id vn.lab --name-vi "Sở Y tế" \
        --name-en "Health department" --url http://127.0.0.1:8080 --json >/output/init.json || return
    sed -i "s/\"rolling_period\": [0-9]*/\"rolling_period\": $1/
        s/\"sync_mean_minutes\": [0-9]*/\"sync_mean_minutes\": $2/" $AUTHORITY/profile.json
    sed -i '/^\[publication\]/,/^\[/s/^period_seconds = .*/period_seconds = 300/' $AUTHORITY/config.toml
    $SERVER resign --dir $AUTHORITY >/dev/null || return
    $SERVER serve --dir $AUTHORITY >/output/server.log 2>&1 &
    wait_until 60 grep -q "listening on" /output/server.log
}

# field NAME FILE: a string of a JSON file, the first of this name.
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1; }

# join ADAPTER: a person enrols and starts the daemon on the adapter. Power and correction are known,
# so that attenuations are: that of -10 - (RSSI + 3).
join() {
    local folder="/root/person-$1"
    mkdir -p "$folder"
    cat >"$folder/calibration.toml" <<END
[[device]]
model = "*"
tx_power = -10
rssi_correction = 3
confidence = "high"
source = "the lab's own"
END
    vx "$1" enroll "$(field enrolment /output/init.json)" >/dev/null || return
    env "${UNIT_ENVIRONMENT[@]}" /programs/vungxanh --profile "$folder" --json run --radio "bluez:hci$1" \
        >"/output/events-$1.jsonl" 2>"/output/daemon-$1.log" &
    DAEMONS[$1]=$!
    wait_until 60 is_started "$1"
}

is_started() { grep -q '"event":"started"' "/output/events-$1.jsonl" 2>/dev/null; }

# is_tracing ADAPTER: whether the device says that tracing works.
is_tracing() { vx "$1" status >/dev/null 2>&1; }

# ask ADAPTER NAME ARGUMENT...: what the device answers, in /output/NAME-ADAPTER.json.
ask() {
    local person="$1" name="$2"
    shift 2
    vx "$person" --json "$@" >"/output/$name-$person.json"
}

# publish ADAPTER: staff issue a code for a confirmed case with symptoms since today; the person
# reports with it.
publish() {
    $SERVER issue-code --dir $AUTHORITY --symptom-date "$(date -u +%F)" --json >/root/code.json || return
    ask "$1" report report "$(field code /root/code.json)" --yes
}

# leave ADAPTER: the daemon ends; what it keeps is left in /output/person-ADAPTER.
leave() {
    kill "${DAEMONS[$1]}"
    wait_until 60 has_ended "${DAEMONS[$1]}" || return
    cp -r "/root/person-$1" "/output/person-$1"
}

has_ended() { [ ! -e "/proc/$1" ]; }

# sniff ADAPTER new|all: from now on this controller listens all the time, behind the kernel's back, and
# tells each advertisement when it is new or whenever it is repeated. Its adapter must be on and used
# by nothing else.
sniff() {
    local filter=01
    [ "$2" = new ] || filter=00
    if [ "$CONTROLLER" = extended ]; then
        hcitool -i "hci$1" cmd 0x08 0x0042 00 00 00 00 00 00
        hcitool -i "hci$1" cmd 0x08 0x0041 00 00 01 00 10 00 10 00
        hcitool -i "hci$1" cmd 0x08 0x0042 01 $filter 00 00 00 00
    else
        hcitool -i "hci$1" cmd 0x08 0x000c 00 00
        hcitool -i "hci$1" cmd 0x08 0x000b 00 10 00 10 00 00 00
        hcitool -i "hci$1" cmd 0x08 0x000c 01 $filter
    fi >>/output/hcitool.log
}

# kilobytes PID: its resident memory without that of files, such as the program itself.
kilobytes() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }

# processor_ms PID: processor time that it has used, in milliseconds.
processor_ms() { awk '{ print ($14 + $15) * 10 }' "/proc/$1/stat"; }

# wake_ups PID: how often its threads have gone to sleep.
wake_ups() { cat "/proc/$1"/task/*/status | awk '/^voluntary_ctxt_switches/ { n += $2 } END { print n }'; }

# two_meet: at 8:00 persons 0 and 1 join, near each other and tracing; adapter 2 belongs to no person and hears
# every repetition.
two_meet() {
    begin_at "2026-12-01 08:00:00"
    pair 0 1 -73
    local adapter person
    for adapter in 0 1; do hears 2 $adapter -50; done
    for adapter in 0 1 2; do power $adapter true || fail "adapter $adapter stays off"; done
    start_listening
    note listening
    sniff 2 all
    found_authority 36 60 || fail "no authority"
    for person in 0 1; do join $person || fail "person $person does not join"; done
    for person in 0 1; do wait_until 120 is_tracing $person || fail "person $person is not tracing"; done
    sleep 120
}

# note NAME: a moment of the story, in /output/moments.txt: name and Unix time.
note() { echo "$1 $(date +%s)" >>/output/moments.txt; }

# account PEOPLE...: what the daemons have cost so far, one line each in /output/costs.txt: person, Unix
# time, wake-ups, milliseconds of processor time.
account() {
    local person
    for person in "$@"; do
        echo "$person $(date +%s) $(wake_ups "${DAEMONS[$person]}") $(processor_ms "${DAEMONS[$person]}")"
    done >>/output/costs.txt
}

# sample PEOPLE...: one line of memory and devices, in /output/samples.txt: seconds since the guest
# began, devices in BlueZ's cache, kilobytes of bluetoothd and of each person's daemon.
sample() {
    local person line
    line="$(cut -d. -f1 /proc/uptime) $(devices) $(kilobytes "$(pidof bluetoothd)")"
    for person in "$@"; do line+=" $(kilobytes "${DAEMONS[$person]}")"; done
    echo "$line" >>/output/samples.txt
}
